// SPDX-License-Identifier: Apache-2.0

/// Bech32 text (BIP 173), as account addresses are shown.
public enum Bech32 {
    /// The longest text, as BIP 173 sets it.
    public static let limit = 90

    /// Text of `bytes` under a lower-case prefix.
    public static func encode(prefix: String, _ bytes: some Collection<UInt8>) -> String {
        let data = BitGroups.regroup(bytes, from: 8, to: 5, pad: true) ?? []
        let sum = checksum(prefix: Array(prefix.utf8), data + [UInt8](repeating: 0, count: 6)) ^ 1
        let tail = (0..<6).map { UInt8(sum >> UInt32(5 * (5 - $0)) & 31) }
        return prefix + "1"
            + String(decoding: (data + tail).map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// The prefix and bytes of `text`; mixed case and a wrong checksum are refused.
    public static func decode(
        _ text: String
    ) throws(DecodeFault) -> (prefix: String, bytes: [UInt8]) {
        guard text.utf8.count <= limit else {
            throw DecodeFault(
                .overLimit(field: "bech32 text", limit: limit, actual: text.utf8.count))
        }
        let lower = text.lowercased()
        guard text == lower || text == text.uppercased() else {
            throw .malformed("bech32 text mixes upper and lower case")
        }
        let characters = Array(lower.utf8)
        guard let separator = characters.lastIndex(of: UInt8(ascii: "1")), separator > 0,
            characters[..<separator].allSatisfy({ (33...126).contains($0) })
        else { throw .malformed("bech32 text has no prefix") }
        var data: [UInt8] = []
        for index in characters.index(after: separator)..<characters.endIndex {
            guard let value = alphabet.firstIndex(of: characters[index]) else {
                throw .malformed("not a bech32 digit", at: index)
            }
            data.append(UInt8(value))
        }
        let prefix = Array(characters[..<separator])
        guard data.count >= 6, checksum(prefix: prefix, data) == 1 else {
            throw .malformed("bech32 checksum does not match")
        }
        guard let bytes = BitGroups.regroup(data.dropLast(6), from: 5, to: 8, pad: false) else {
            throw .malformed("bech32 text has stray bits at its end")
        }
        return (String(decoding: prefix, as: UTF8.self), bytes)
    }

    private static func checksum(prefix: [UInt8], _ data: [UInt8]) -> UInt32 {
        let expanded = prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 } + data
        var sum: UInt32 = 1
        for value in expanded {
            let top = sum >> 25
            sum = (sum & 0x1ff_ffff) << 5 ^ UInt32(value)
            for (bit, generator) in generators.enumerated() where top >> UInt32(bit) & 1 == 1 {
                sum ^= generator
            }
        }
        return sum
    }

    private static let generators: [UInt32] = [
        0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3,
    ]
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
}
