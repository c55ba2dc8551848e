// SPDX-License-Identifier: Apache-2.0

/// Base32 text, lower case and unpadded (RFC 4648 §6), as content ids are shown.
public enum Base32 {
    /// Text of `bytes`.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        let digits = BitGroups.regroup(bytes, from: 8, to: 5, pad: true) ?? []
        return String(decoding: digits.map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// The bytes of `text`; stray bits at its end are refused.
    public static func decode(_ text: some StringProtocol) throws(DecodeFault) -> [UInt8] {
        var digits: [UInt8] = []
        for (index, digit) in text.utf8.enumerated() {
            guard let value = alphabet.firstIndex(of: digit) else {
                throw .malformed("not a base32 digit", at: index)
            }
            digits.append(UInt8(value))
        }
        guard let bytes = BitGroups.regroup(digits, from: 5, to: 8, pad: false) else {
            throw .malformed("base32 text has stray bits at its end", at: digits.count)
        }
        return bytes
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
}

/// Regroups bits, as base32 and bech32 need it.
enum BitGroups {
    /// Groups of `from` bits as groups of `to` bits, most significant first.
    ///
    /// Without padding the left-over bits must be zero and fewer than `from`; nil otherwise.
    static func regroup(
        _ groups: some Collection<UInt8>, from: UInt32, to: UInt32, pad: Bool
    ) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(groups.count * Int(from) / Int(to) + 1)
        var store: UInt32 = 0
        var bits: UInt32 = 0
        for group in groups {
            store = (store << from | UInt32(group)) & 0xffff
            bits += from
            while bits >= to {
                bits -= to
                result.append(UInt8(store >> bits & (1 << to - 1)))
            }
        }
        let rest = store & (1 << bits - 1)
        if pad {
            if bits > 0 { result.append(UInt8(rest << (to - bits))) }
        } else if bits >= from || rest != 0 {
            return nil
        }
        return result
    }
}
