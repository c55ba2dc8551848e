// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Execution

/// Vectors of single operations: precompiled contracts and arithmetic of words.
struct VectorTest {
    let file: String
    let name: String
    let body: JSONValue

    static func isOne(_ body: JSONValue) -> Bool {
        body["Input"] != nil || body["X"] != nil && body["Y"] != nil
    }

    func run(_ family: String, _ tally: inout Tally) {
        tally.count(family, name) { try body["X"] != nil ? runOperation() : runContract() }
    }

    /// Which contract a file tests, and by which fork's prices.
    private static let contracts: [String: (address: UInt64, fork: Hardfork)] = [
        "ecRecover": (1, .istanbul), "modexp": (5, .byzantium), "modexp_eip2565": (5, .berlin),
        "modexp_eip7883": (5, .osaka), "bn256Add": (6, .istanbul),
        "bn256ScalarMul": (7, .istanbul), "bn256Pairing": (8, .istanbul),
        "blake2F": (9, .istanbul), "blake2f": (9, .istanbul), "pointEvaluation": (10, .cancun),
        "blsG1Add": (11, .prague), "blsG1MultiExp": (12, .prague), "blsG1Mul": (12, .prague),
        "blsG2Add": (13, .prague), "blsG2MultiExp": (14, .prague), "blsG2Mul": (14, .prague),
        "blsPairing": (15, .prague), "blsMapG1": (16, .prague), "blsMapG2": (17, .prague),
        "p256Verify": (0x100, .osaka),
    ]

    private func runContract() throws {
        var stem = String(file.dropLast(".json".count))
        if stem.hasPrefix("fail-") { stem.removeFirst("fail-".count) }
        guard let (address, fork) = Self.contracts[stem] else {
            throw UnreadableTest("no contract called \(stem)")
        }
        let outcome = PrecompiledContract.run(
            Address(address), fork, input: try body.bytes("Input"), gas: 1 << 40)
        guard outcome != .missing, outcome != .inactive else {
            throw UnreadableTest("the contract at \(address) is not there")
        }
        if body["ExpectedError"] != nil {
            guard outcome == .failure else { throw UnreadableTest("should fail") }
            return
        }
        guard case .success(let cost, let output) = outcome else {
            throw UnreadableTest("should not fail")
        }
        guard output == (try body.bytes("Expected")) else { throw UnreadableTest("other output") }
        guard cost == (try body.number("Gas")) else { throw UnreadableTest("other gas: \(cost)") }
    }

    private func runOperation() throws {
        let x = try word("X"), y = try word("Y")
        let operation = String(file.dropFirst("testcases_".count).dropLast(".json".count))
        guard let result = Self.apply(operation, y, x) else {
            throw UnreadableTest("no operation called \(operation)")
        }
        guard result == (try word("Expected")) else { throw UnreadableTest("it is \(result)") }
    }

    private func word(_ name: String) throws -> UInt256 {
        guard let word = UInt256(hexadecimal: try body.string(name)) else {
            throw UnreadableTest("\(name) is no word")
        }
        return word
    }

    /// The operation on the stack's topmost word and the one below.
    private static func apply(_ operation: String, _ a: UInt256, _ b: UInt256) -> UInt256? {
        switch operation {
        case "add": a &+ b
        case "mul": a &* b
        case "sub": a &- b
        case "div": a / b
        case "sdiv": a.signedDivided(by: b)
        case "mod": a % b
        case "smod": a.signedRemainder(b)
        case "exp": a.power(b)
        case "signext": b.signExtended(fromByte: a)
        case "lt": UInt256(a < b)
        case "gt": UInt256(b < a)
        case "slt": UInt256(UInt256.signedLess(a, b))
        case "sgt": UInt256(UInt256.signedLess(b, a))
        case "eq": UInt256(a == b)
        case "and": a & b
        case "or": a | b
        case "xor": a ^ b
        case "byte": b.byte(a)
        case "shl": b << a.clamped
        case "shr": b >> a.clamped
        case "sar": b.signedShiftRight(a.clamped)
        default: nil
        }
    }
}
