// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import Execution

/// Runs a body that throws why it failed, and counts it.
extension Tally {
    mutating func count(_ family: String, _ name: String, _ body: () throws -> Void) {
        var failure: String?
        do {
            try body()
        } catch let error as UnreadableTest {
            failure = error.what
        } catch { failure = "\(error)" }
        count(family, name, failure: failure)
    }
}

/// TransactionTests: one transaction's bytes, and what each fork makes of it.
struct TransactionTest {
    let name: String
    let body: JSONValue

    static func isOne(_ body: JSONValue) -> Bool {
        body["txbytes"] != nil && body["result"] != nil
    }

    func run(_ family: String, _ tally: inout Tally) {
        for result in body["result"]?.members ?? [] {
            tally.count(family, "\(name) \(result.name)") {
                let fork = try ForkName.fork(result.name)
                let isRefused = result.value["exception"] != nil
                do {
                    try check(fork, result.value)
                    if isRefused { throw UnreadableTest("should be refused") }
                } catch let error as UnreadableTest {
                    throw error
                } catch {
                    if !isRefused { throw error }
                }
            }
        }
    }

    private func check(_ fork: Hardfork, _ result: JSONValue) throws {
        let bytes = try body.bytes("txbytes")
        let transaction = try Transaction(decoding: bytes)
        try transaction.check(fork, chainID: 1)
        guard let recovered = RecoveredTransaction(transaction) else {
            throw TransactionFault.signature
        }
        if result["exception"] != nil { return }
        guard transaction.encoding == bytes else { throw UnreadableTest("other bytes") }
        guard transaction.hash == (try result.digest("hash")) else {
            throw UnreadableTest("another hash")
        }
        guard recovered.sender == (try result.address("sender")) else {
            throw UnreadableTest("another sender")
        }
        guard transaction.intrinsicGas(fork).gas == (try result.number("intrinsicGas")) else {
            throw UnreadableTest("another intrinsic gas")
        }
    }
}

/// RLPTests: bytes and the value that they stand for, or that they stand for none.
struct RLPTest {
    let name: String
    let body: JSONValue

    static func isOne(_ body: JSONValue) -> Bool { body["in"] != nil && body["out"] != nil }

    func run(_ family: String, _ tally: inout Tally) {
        tally.count(family, name) {
            guard let value = body["in"] else { return }
            if value.text == "INVALID" {
                let bytes = try? body.bytes("out")
                if let bytes, (try? Self.walk(try RLPItem(decoding: bytes))) != nil {
                    throw UnreadableTest("should be refused")
                }
                return
            }
            let item = try RLPItem(decoding: try body.bytes("out"))
            let canonical = try Self.walk(item)
            guard canonical == Array(item.encoding) else { throw UnreadableTest("other bytes") }
            if value.text == "VALID" { return }
            var writer = RLPWriter()
            try Self.write(value, to: &writer)
            guard writer.bytes == canonical else { throw UnreadableTest("written otherwise") }
        }
    }

    /// Reads all levels and writes them again.
    private static func walk(_ item: RLPItem) throws -> [UInt8] {
        var writer = RLPWriter()
        if item.isList {
            let inner = try item.list().map { try walk($0) }
            writer.list { list in
                for encoding in inner { list.raw(encoding) }
            }
        } else {
            writer.string(item.content)
        }
        return writer.bytes
    }

    private static func write(_ value: JSONValue, to writer: inout RLPWriter) throws {
        switch value {
        case .array(let elements):
            var inner = RLPWriter()
            for element in elements { try write(element, to: &inner) }
            let bytes = inner.bytes
            writer.list { $0.raw(bytes) }
        case .number: writer.integer(try value.word())
        case .string(let text) where text.hasPrefix("#"):
            guard let number = LargeDecimal.bytes(text.dropFirst()) else {
                throw UnreadableTest("not a number")
            }
            writer.string(number)
        case .string(let text): writer.string(Array(text.utf8))
        default: throw UnreadableTest("a value that RLP has not")
        }
    }
}

/// Decimal numbers of any size.
enum LargeDecimal {
    static func bytes(_ digits: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        for digit in digits.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            var carry = Int(digit - UInt8(ascii: "0"))
            for index in bytes.indices.reversed() {
                let value = Int(bytes[index]) * 10 + carry
                bytes[index] = UInt8(value & 255)
                carry = value >> 8
            }
            if carry > 0 { bytes.insert(UInt8(carry), at: 0) }
        }
        return bytes
    }
}

/// TrieTests: keys and values, and the root over them.
struct TrieTest {
    let name: String
    let body: JSONValue
    let isSecure: Bool

    static func isOne(_ body: JSONValue) -> Bool {
        body["in"] != nil && (body["root"] != nil || body["tests"] != nil)
    }

    func run(_ family: String, _ tally: inout Tally) {
        tally.count(family, name) {
            if body["tests"] != nil { return try runNeighbours() }
            var pairs: [(JSONValue, JSONValue)] = []
            for pair in body["in"]?.elements ?? [] {
                guard let parts = pair.elements, parts.count == 2 else {
                    throw UnreadableTest("not a pair")
                }
                pairs.append((parts[0], parts[1]))
            }
            for member in body["in"]?.members ?? [] {
                pairs.append((.string(member.name), member.value))
            }
            var trie = MerklePatriciaTrie()
            for (key, value) in pairs {
                let key = try Self.bytes(key)
                let value = value == .null ? [] : try Self.bytes(value)
                trie.update(isSecure ? Keccak256.hash(key).array : key, value)
                _ = trie.rootHash()
            }
            guard trie.rootHash() == (try body.digest("root")) else {
                throw UnreadableTest("another root")
            }
        }
    }

    private static func bytes(_ value: JSONValue) throws -> [UInt8] {
        guard let text = value.text else { throw UnreadableTest("not a text") }
        return text.hasPrefix("0x") ? try value.bytes() : Array(text.utf8)
    }

    private func runNeighbours() throws {
        var trie = MerklePatriciaTrie()
        for key in body["in"]?.elements ?? [] { trie.update(try Self.bytes(key), [1]) }
        for test in body["tests"]?.elements ?? [] {
            let parts = try (test.elements ?? []).map { try Self.bytes($0) }
            guard parts.count == 3 else { throw UnreadableTest("not a triple") }
            guard trie.key(before: parts[0]) ?? [] == parts[1],
                trie.key(after: parts[0]) ?? [] == parts[2]
            else { throw UnreadableTest("other neighbours of \(parts[0])") }
        }
    }
}
