// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// Digests and signatures.
extension Precompiles {
    static func ecrecover(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        let bytes = padded(input, 0, 128)
        guard let digest = Bytes32(bytes[0..<32]), let v = UInt256(bigEndian: bytes[32..<64]),
            let signature = Bytes64(bytes[64..<128]), v.isSmall, v.w0 == 27 || v.w0 == 28,
            let point = Secp256k1PublicKey.recoverPoint(
                signature, recoveryID: UInt8(v.w0 - 27), digest: digest)
        else { return [] }
        return Address(UInt256(Keccak256.hash(point))).word.bytes32.array
    }

    static func sha256(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        SHA256.hash(Array(input)).array
    }

    static func ripemd160(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](repeating: 0, count: 12) + RIPEMD160.hash(Array(input)).array
    }

    /// EIP-7951: 1 for a valid signature, nothing for any other input.
    static func p256Verify(_ input: UnsafeRawBufferPointer) -> [UInt8] {
        let bytes = Array(input)
        guard bytes.count == 160, let digest = Bytes32(bytes[0..<32]),
            let r = Bytes32(bytes[32..<64]), let s = Bytes32(bytes[64..<96]),
            let point = Bytes64(bytes[96..<160]),
            P256.isValid(r: r, s: s, digest: digest, point: point)
        else { return [] }
        return UInt256.one.bytes32.array
    }
}
