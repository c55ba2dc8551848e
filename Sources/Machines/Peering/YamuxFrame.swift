// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// The header of a yamux frame: 12 bytes, most significant byte first.
///
///     version 1 · type 1 · flags 2 · stream 4 · length 4
///
/// What `length` means depends on the type. Source: libp2p/specs, yamux.
package struct YamuxFrame: Hashable, Sendable {
    /// The size of a header in bytes.
    package static let sizeBytes = 12

    /// The types of frames.
    package enum Kind: UInt8, Sendable {
        /// `length` bytes follow.
        case data = 0
        /// `length` more bytes may be sent on the stream; with RST, the error code.
        case windowUpdate = 1
        /// `length` is a number to be returned.
        case ping = 2
        /// `length` is the reason for which no new stream will be taken.
        case goAway = 3
    }

    /// The flags of a frame.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        /// Opens a stream; on a ping, asks.
        package static let syn = Flags(rawValue: 1)
        /// Accepts a stream; on a ping, answers.
        package static let ack = Flags(rawValue: 2)
        /// The sender sends no more on the stream.
        package static let fin = Flags(rawValue: 4)
        /// The stream is dead in both directions.
        package static let rst = Flags(rawValue: 8)
    }

    /// The type.
    package let kind: Kind
    /// The flags.
    package let flags: Flags
    /// The stream, 0 for the session itself.
    package let stream: UInt32
    /// Bytes, credit, number or reason.
    package let length: UInt32

    /// Names a frame.
    package init(_ kind: Kind, _ flags: Flags = [], stream: UInt32 = 0, length: UInt32) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.length = length
    }

    /// Reads a header of exactly 12 bytes.
    package init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == 0 else { throw .malformed("yamux version is not 0") }
        let type = try reader.byte()
        guard let kind = Kind(rawValue: type) else {
            throw .malformed("yamux frame type \(type) is not known", at: 1)
        }
        self.kind = kind
        flags = Flags(rawValue: try reader.bigEndian())
        stream = try reader.bigEndian()
        length = try reader.bigEndian()
        try reader.finish()
    }

    /// The header's bytes.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.sizeBytes)
        append(to: &bytes)
        return bytes
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(0)
        bytes.append(kind.rawValue)
        bytes.append(bigEndian: flags.rawValue)
        bytes.append(bigEndian: stream)
        bytes.append(bigEndian: length)
    }
}

/// Why a stream was reset, as the length field of the RST frame carries it.
///
/// Source: go-libp2p, core/network; other implementations send 0.
package struct ResetCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// No reason given.
    package static let none = ResetCode(rawValue: 0)
    /// No protocol was agreed on.
    package static let negotiation = ResetCode(rawValue: 0x1001)
    /// A limit of memory or streams.
    package static let resourceLimit = ResetCode(rawValue: 0x1002)
    /// Too many requests.
    package static let rateLimited = ResetCode(rawValue: 0x1003)
    /// The protocol was broken.
    package static let violation = ResetCode(rawValue: 0x1004)
    /// Nobody needs the stream any more.
    package static let garbageCollected = ResetCode(rawValue: 0x1006)
    /// The node ends.
    package static let shutdown = ResetCode(rawValue: 0x1007)
}

/// Why a session ends, as the length field of the GOAWAY frame carries it.
package struct GoAwayCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// All is well.
    package static let normal = GoAwayCode(rawValue: 0)
    /// The peer broke the protocol.
    package static let protocolError = GoAwayCode(rawValue: 1)
    /// A limit of memory or connections.
    package static let resourceLimit = GoAwayCode(rawValue: 0x1001)
    /// Too many frames of a kind.
    package static let rateLimited = GoAwayCode(rawValue: 0x1002)
    /// The peer is not wanted here.
    package static let gated = GoAwayCode(rawValue: 0x1007)
    /// The node ends.
    package static let shutdown = GoAwayCode(rawValue: 0x1006)
}
