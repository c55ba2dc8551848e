// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// `shwap.Share { bytes data = 1 }`, the message that every container carries its shares in.
enum ShareMessage {
    /// Reads the message in a field.
    static func decode(_ field: ProtobufField) throws(DecodeFault) -> Share {
        var share: Share?
        var reader = try field.message()
        while let part = try reader.next() {
            if part.number == 1 { share = try Share(decoding: part.bytes()) }
        }
        guard let share else { throw .malformed("a share without data", at: field.offset) }
        return share
    }

    /// Reads one more share of a list that holds at most `limit`.
    static func append(
        _ field: ProtobufField, to shares: inout [Share], limit: Int
    ) throws(DecodeFault) {
        guard shares.count < limit else {
            throw DecodeFault(
                .overLimit(field: "shares", limit: limit, actual: shares.count + 1),
                at: field.offset)
        }
        shares.append(try decode(field))
    }

    /// Writes the message into a field.
    static func encode(_ share: Share, as field: Int, into writer: inout ProtobufWriter) {
        writer.message(field) { $0.presentBytes(1, share.bytes) }
    }
}
