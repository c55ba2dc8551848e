// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import CCrypto

/// ECDSA on the curve P-256 (FIPS 186-5), which passkeys and secure elements sign with.
public enum P256 {
    /// `EVP_PKEY_PUBLIC_KEY`, a macro that Swift does not see: all parameters and a public key.
    private static let publicKey: Int32 = 0x86

    /// Whether (r, s) signs a digest under the key x ‖ y; s may be low or high.
    ///
    /// OpenSSL checks that the point is on the curve, and that r and s are from 1 to the order
    /// less one.
    public static func isValid(r: Bytes32, s: Bytes32, digest: Bytes32, point: Bytes64) -> Bool {
        guard !r.isZero, !s.isZero, let key = key(point) else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_PKEY_CTX_new(key, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        let signature = der(r, s)
        return EVP_PKEY_verify_init(context) == 1
            && EVP_PKEY_verify(context, signature, signature.count, digest.array, 32) == 1
    }

    private static func key(_ point: Bytes64) -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_fromdata_init(context) == 1 else { return nil }
        var group = Array("prime256v1".utf8CString)
        var octets = [0x04] + point.array
        var key: OpaquePointer?
        let made = group.withUnsafeMutableBufferPointer { group in
            octets.withUnsafeMutableBytes { octets in
                var parameters = [
                    OSSL_PARAM_construct_utf8_string(name("group"), group.baseAddress, 0),
                    OSSL_PARAM_construct_octet_string(
                        name("pub"), octets.baseAddress, octets.count),
                    OSSL_PARAM_construct_end(),
                ]
                return EVP_PKEY_fromdata(context, &key, publicKey, &parameters)
            }
        }
        return made == 1 ? key : nil
    }

    /// A name that lasts: OpenSSL keeps the pointer until the parameters are used.
    private static func name(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// SEQUENCE { INTEGER r, INTEGER s }.
    private static func der(_ r: Bytes32, _ s: Bytes32) -> [UInt8] {
        let body = integer(r) + integer(s)
        return [0x30, UInt8(body.count)] + body
    }

    private static func integer(_ value: Bytes32) -> [UInt8] {
        var bytes = Array(value.array.drop { $0 == 0 })
        if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: 0) }
        return [0x02, UInt8(bytes.count)] + bytes
    }
}
