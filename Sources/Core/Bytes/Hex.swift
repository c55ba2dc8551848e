// SPDX-License-Identifier: Apache-2.0

/// Hexadecimal text (RFC 4648 §8).
public enum Hex {
    /// Two digits a byte, lower case unless told otherwise.
    public static func encode(_ bytes: some Collection<UInt8>, uppercase: Bool = false) -> String {
        let ten = UInt8(ascii: uppercase ? "A" : "a") - 10
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                text.append(nibble < 10 ? UInt8(ascii: "0") + nibble : ten + nibble)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of an even number of digits, either case; no prefix, no spaces.
    public static func decode(_ text: some StringProtocol) throws(DecodeFault) -> [UInt8] {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else {
            throw .malformed("hexadecimal text has an odd number of digits", at: digits.count)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else {
                throw .malformed("not a hexadecimal digit", at: index)
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
