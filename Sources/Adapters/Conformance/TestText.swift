// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Execution

/// What makes a test file unreadable, in words.
struct UnreadableTest: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

/// Numbers, bytes and parts of test files, by name.
extension JSONValue {
    func part(_ name: String) throws -> JSONValue {
        guard let value = self[name] else { throw UnreadableTest("no \(name)") }
        return value
    }

    var members: [JSONMember] {
        if case .object(let members) = self { members } else { [] }
    }

    func string(_ name: String) throws -> String {
        guard let text = try part(name).text else { throw UnreadableTest("\(name) is no text") }
        return text
    }

    func word(_ name: String) throws -> UInt256 { try part(name).word() }

    func word() throws -> UInt256 {
        switch self {
        case .number(let digits):
            guard let value = UInt256(decimal: digits) else { break }
            return value
        case .string(let text):
            if text.hasPrefix("0x") {
                let digits = text.dropFirst(2).drop { $0 == "0" }
                guard let value = UInt256(hexadecimal: digits) else { break }
                return value
            }
            guard let value = UInt256(decimal: text) else { break }
            return value
        default: break
        }
        throw UnreadableTest("not a number of 256 bits")
    }

    func number(_ name: String) throws -> UInt64 { try part(name).number() }

    func number() throws -> UInt64 {
        let value = try word()
        guard value.isSmall else { throw UnreadableTest("not a number of 64 bits") }
        return value.w0
    }

    func bytes(_ name: String) throws -> [UInt8] { try part(name).bytes() }

    func bytes() throws -> [UInt8] {
        guard let text else { throw UnreadableTest("not bytes") }
        return try Hex.decode(text.hasPrefix("0x") ? text.dropFirst(2) : text[...])
    }

    func address(_ name: String) throws -> Address {
        guard let address = Address(hexadecimal: try string(name)) else {
            throw UnreadableTest("\(name) is no address")
        }
        return address
    }

    func digest(_ name: String) throws -> Bytes32 {
        try Bytes32(decoding: try bytes(name), field: name)
    }

    /// A state from address → {balance, nonce, code, storage}.
    func state() throws -> MemoryState {
        let state = MemoryState()
        for member in members {
            guard let address = Address(hexadecimal: member.name) else {
                throw UnreadableTest("\(member.name) is no address")
            }
            var slots: [(key: UInt256, value: UInt256)] = []
            for slot in member.value["storage"]?.members ?? [] {
                let key = try JSONValue.string(slot.name).word()
                slots.append((key, try slot.value.word()))
            }
            state.insert(
                address, nonce: try member.value["nonce"]?.number() ?? 0,
                balance: try member.value["balance"]?.word() ?? .zero,
                code: try member.value["code"]?.bytes() ?? [], storage: slots)
        }
        return state
    }
}

/// Forks by the names that tests give them.
enum ForkName {
    static let forks: [String: Hardfork] = [
        "Frontier": .frontier, "Homestead": .homestead, "EIP150": .tangerineWhistle,
        "EIP158": .spuriousDragon, "Byzantium": .byzantium, "Constantinople": .constantinople,
        "ConstantinopleFix": .petersburg, "Istanbul": .istanbul, "Berlin": .berlin,
        "London": .london, "Merge": .paris, "Paris": .paris, "Shanghai": .shanghai,
        "Cancun": .cancun, "Prague": .prague, "Osaka": .osaka,
    ]

    static func fork(_ name: String) throws -> Hardfork {
        guard let fork = forks[name] else { throw UnreadableTest("unknown fork \(name)") }
        return fork
    }
}
