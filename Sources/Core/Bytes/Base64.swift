// SPDX-License-Identifier: Apache-2.0

/// Base64 text (RFC 4648 §4, and §5 for the URL form).
public enum Base64 {
    /// The two alphabets.
    public enum Alphabet: Sendable {
        /// `+` and `/`, padded: what JSON carries.
        case standard
        /// `-` and `_`, without padding: what tokens carry.
        case url
    }

    /// Text of `bytes`, padded in the standard alphabet, unpadded in the URL one.
    public static func encode(
        _ bytes: some Collection<UInt8>, alphabet: Alphabet = .standard
    ) -> String {
        String(decoding: encodeToUTF8(bytes, alphabet: alphabet), as: UTF8.self)
    }

    /// The same text as its UTF-8 bytes, which large answers are assembled from.
    public static func encodeToUTF8(
        _ bytes: some Collection<UInt8>, alphabet: Alphabet = .standard
    ) -> [UInt8] {
        let digits = alphabet == .standard ? standardDigits : urlDigits
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var filled = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            filled += 1
            if filled == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] {
                    text.append(digits[Int(group >> shift & 63)])
                }
                group = 0
                filled = 0
            }
        }
        if filled > 0 {
            group <<= UInt32(3 - filled) * 8
            for index in 0...filled {
                text.append(digits[Int(group >> UInt32(18 - 6 * index) & 63)])
            }
            if alphabet == .standard {
                text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - filled))
            }
        }
        return text
    }

    /// The bytes of `text`, which must be in canonical form: right padding, no stray bits.
    public static func decode(
        _ text: some StringProtocol, alphabet: Alphabet = .standard
    ) throws(DecodeFault) -> [UInt8] {
        try decode(utf8: Array(text.utf8)[...], alphabet: alphabet)
    }

    /// The bytes of text that is given as UTF-8.
    public static func decode(
        utf8 text: ArraySlice<UInt8>, alphabet: Alphabet = .standard
    ) throws(DecodeFault) -> [UInt8] {
        var digits = text
        if alphabet == .standard {
            guard text.count % 4 == 0 else {
                throw .malformed("base64 text is not a multiple of four long", at: text.count)
            }
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else {
            throw .malformed("base64 text has a lone last digit", at: text.count)
        }
        let table = alphabet == .standard ? standardValues : urlValues
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for (index, digit) in digits.enumerated() {
            let value = table[Int(digit)]
            guard value < 64 else { throw .malformed("not a base64 digit", at: index) }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> bits))
            }
        }
        guard group & (1 << bits - 1) == 0 else {
            throw .malformed("base64 text has stray bits at its end", at: text.count)
        }
        return bytes
    }

    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let standardDigits = letters + Array("+/".utf8)
    private static let urlDigits = letters + Array("-_".utf8)
    private static let standardValues = values(of: standardDigits)
    private static let urlValues = values(of: urlDigits)

    private static func values(of digits: [UInt8]) -> [UInt8] {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { table[Int(digit)] = UInt8(value) }
        return table
    }
}
