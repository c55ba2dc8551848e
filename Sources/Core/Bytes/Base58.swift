// SPDX-License-Identifier: Apache-2.0

/// Base58 text with Bitcoin's alphabet, as peer ids are shown.
///
/// Quadratic in its length, so the length is limited.
public enum Base58 {
    /// The longest input either way, in bytes or digits.
    public static let limit = 256

    /// Text of at most `limit` bytes.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        precondition(bytes.count <= limit, "base58 is for short values")
        var digits: [UInt8] = []
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                digits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        let zeros = bytes.prefix { $0 == 0 }.count
        let text =
            [UInt8](repeating: alphabet[0], count: zeros)
            + digits.reversed().map { alphabet[Int($0)] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of at most `limit` digits.
    public static func decode(_ text: some StringProtocol) throws(DecodeFault) -> [UInt8] {
        let digits = Array(text.utf8)
        guard digits.count <= limit else {
            throw DecodeFault(
                .overLimit(field: "base58 text", limit: limit, actual: digits.count))
        }
        var bytes: [UInt8] = []
        for (position, digit) in digits.enumerated() {
            guard let value = alphabet.firstIndex(of: digit) else {
                throw .malformed("not a base58 digit", at: position)
            }
            var carry = value
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 255)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(carry & 255))
                carry >>= 8
            }
        }
        let zeros = digits.prefix { $0 == alphabet[0] }.count
        return [UInt8](repeating: 0, count: zeros) + bytes.reversed()
    }

    private static let alphabet = Array(
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
}
