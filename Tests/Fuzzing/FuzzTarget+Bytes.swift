// SPDX-License-Identifier: Apache-2.0

internal import Bytes

extension FuzzTarget {
    /// The texts and cursors of module Bytes.
    static let bytes: [FuzzTarget] = [
        .roundTrip("hex", decode: hex, encode: { Array(Hex.encode($0).utf8) }),
        .roundTrip(
            "base64", isCanonical: true,
            decode: { input throws(DecodeFault) in try Base64.decode(utf8: input[...]) },
            encode: { Base64.encodeToUTF8($0) }),
        .roundTrip(
            "base64-url", isCanonical: true,
            decode: { input throws(DecodeFault) in
                try Base64.decode(utf8: input[...], alphabet: .url)
            },
            encode: { Base64.encodeToUTF8($0, alphabet: .url) }),
        .roundTrip("base58", decode: base58, encode: { Array(Base58.encode($0).utf8) }),
        .roundTrip("base32", decode: base32, encode: { Array(Base32.encode($0).utf8) }),
        .reader("bech32") { input throws(DecodeFault) in
            let (prefix, bytes) = try Bech32.decode(String(decoding: input, as: UTF8.self))
            let again = try Bech32.decode(Bech32.encode(prefix: prefix, bytes))
            precondition(again.prefix == prefix && again.bytes == bytes, "bech32: another value")
        },
        .roundTrip("varint", isCanonical: true, decode: varint, encode: { $0.encoded }),
        .reader("protobuf", readProtobuf),
    ]

    @Sendable private static func hex(_ input: [UInt8]) throws(DecodeFault) -> [UInt8]? {
        try Hex.decode(String(decoding: input, as: UTF8.self))
    }

    @Sendable private static func base58(_ input: [UInt8]) throws(DecodeFault) -> [UInt8]? {
        let bytes = try Base58.decode(String(decoding: input, as: UTF8.self))
        return bytes.count <= Base58.limit ? bytes : nil
    }

    @Sendable private static func base32(_ input: [UInt8]) throws(DecodeFault) -> [UInt8]? {
        try Base32.decode(String(decoding: input, as: UTF8.self))
    }

    /// All varints of the input, in their shortest form.
    private struct Varints: Equatable, Sendable {
        var values: [UInt64] = []

        var encoded: [UInt8] {
            var bytes: [UInt8] = []
            for value in values { bytes.append(varint: value) }
            return bytes
        }
    }

    @Sendable private static func varint(_ input: [UInt8]) throws(DecodeFault) -> Varints? {
        var varints = Varints()
        var reader = ByteReader(input)
        while !reader.isAtEnd { varints.values.append(try reader.varint()) }
        return varints
    }

    /// Reads every field in every way, and nested messages to a depth of four.
    @Sendable private static func readProtobuf(_ input: [UInt8]) throws(DecodeFault) {
        try readMessage(ProtobufReader(input), depth: 0)
    }

    private static func readMessage(
        _ message: ProtobufReader, depth: Int
    ) throws(DecodeFault) {
        var message = message
        while let field = try message.next() {
            var integers: [UInt64] = []
            attempt { () throws(DecodeFault) in
                try field.appendVarints(to: &integers, limit: 64)
            }
            precondition(integers.count <= 65, "protobuf: a limit was passed over")
            attempt { () throws(DecodeFault) in _ = try field.varint32() }
            attempt { () throws(DecodeFault) in _ = try field.signed() }
            attempt { () throws(DecodeFault) in _ = try field.bool() }
            attempt { () throws(DecodeFault) in _ = try field.signedFixed64() }
            attempt { () throws(DecodeFault) in _ = try field.string(limit: 64) }
            attempt { () throws(DecodeFault) in _ = try field.fixed(Bytes32.self) }
            if depth < 4 {
                attempt { () throws(DecodeFault) in
                    try readMessage(try field.message(), depth: depth + 1)
                }
            }
        }
    }

    /// Runs what may be refused, since a field has one type but is read as each.
    private static func attempt(_ body: () throws(DecodeFault) -> Void) {
        do throws(DecodeFault) { try body() } catch { precondition(error.offset >= 0) }
    }
}
