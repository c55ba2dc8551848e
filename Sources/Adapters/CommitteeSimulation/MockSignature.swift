// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography

/// Signatures of a simulated world: 64 bits that only the world can make.
///
/// A member's key begins with its number, so that a claim leads to the secret that made it.
enum MockSignature {
    static func key(of member: Int, seed: UInt64) -> ValidatorKey {
        var bytes = Bytes32()
        bytes[0] = UInt8(truncatingIfNeeded: member)
        bytes[1] = UInt8(truncatingIfNeeded: member >> 8)
        let rest = Draw.mix(seed &+ UInt64(member))
        for index in 0..<8 { bytes[2 + index] = UInt8(truncatingIfNeeded: rest >> (8 * index)) }
        return .ed25519(Ed25519PublicKey(bytes))
    }

    static func member(of key: ValidatorKey) -> Int {
        guard case .ed25519(let key) = key else { preconditionFailure("keys are of one kind here") }
        return Int(key.bytes[0]) | Int(key.bytes[1]) << 8
    }

    static func sign(
        _ statement: Statement, _ timestamp: Timestamp, by member: Int, seed: UInt64
    ) -> Bytes64 {
        let time = statement.isTimed ? timestamp : .zero
        var state = Draw.mix(seed ^ UInt64(member) &* 0xD134_2543_DE82_EF95)
        let words: [UInt64] = [
            UInt64(statement.kind.rawValue), statement.epoch.value, statement.view.value,
            statement.block?.height.value ?? 0, UInt64(bitPattern: time.seconds),
            UInt64(time.nanoseconds), statement.block.map { word($0.hash) } ?? 0,
            statement.block.map { word($0.dataRoot) } ?? 0,
        ]
        for word in words {
            state = Draw.mix(state ^ word)
        }
        var signature = Bytes64()
        for index in 0..<8 { signature[index] = UInt8(truncatingIfNeeded: state >> (8 * index)) }
        return signature
    }

    static func holds(_ signed: SignedStatement, by key: ValidatorKey, seed: UInt64) -> Bool {
        sign(signed.statement, signed.timestamp, by: member(of: key), seed: seed)
            == signed.signature
    }

    static func word(_ bytes: Bytes32) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<8 { word = word << 8 | UInt64(bytes[index]) }
        return word
    }
}

extension MockSignature {
    /// A statement's mark on the trace.
    static func word(_ signed: SignedStatement) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<8 { word = word << 8 | UInt64(signed.signature[index]) }
        return word
    }
}
