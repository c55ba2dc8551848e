// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import StateTree

/// What a node asks another about its snapshots: one question a stream.
///
/// Specified in Protocol/23-state-tree.md#snapshot-exchange and Protocol/wire/state_snapshot.proto.
package enum SnapshotQuestion: Hashable, Sendable {
    /// Which snapshots are there?
    case list
    /// What does the one of this header's height consist of?
    case manifest(height: UInt64)
    /// A chunk of it.
    case chunk(height: UInt64, number: UInt32)

    /// The message as it goes over the wire.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        switch self {
        case .list: writer.presentBytes(1, [])
        case .manifest(let height): writer.message(2) { $0.varint(1, height) }
        case .chunk(let height, let number):
            writer.message(3) {
                $0.varint(1, height)
                $0.varint(2, UInt64(number))
            }
        }
        return writer.bytes
    }

    /// Reads a message that fills `bytes`; exactly one of the kinds must be there.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        guard let field = try reader.next() else { throw .malformed("no question") }
        switch field.number {
        case 1:
            guard try field.bytes().isEmpty else {
                throw .malformed("a question for nothing in particular has no bytes")
            }
            self = .list
        case 2, 3:
            let (height, number) = try Self.place(try field.message())
            guard height > 0, field.number == 3 || number == nil else {
                throw .malformed("a manifest of no height, or with a number")
            }
            self =
                field.number == 2
                ? .manifest(height: height) : .chunk(height: height, number: number ?? 0)
        default: throw .malformed("unknown question \(field.number)", at: field.offset)
        }
        if let second = try reader.next() {
            throw .malformed("more than one question in a message", at: second.offset)
        }
    }

    private static func place(
        _ message: ProtobufReader
    ) throws(DecodeFault) -> (height: UInt64, number: UInt32?) {
        var reader = message
        var height: UInt64 = 0
        var number: UInt32?
        while let field = try reader.next() {
            switch field.number {
            case 1: height = try field.varint()
            case 2: number = try field.varint32()
            default: throw .malformed("unknown field \(field.number)", at: field.offset)
            }
        }
        return (height, number)
    }
}

/// What a node answers about its snapshots.
package enum SnapshotAnswer: Hashable, Sendable {
    /// The heights of the headers that commit to them, rising.
    case list([UInt64])
    /// A manifest.
    case manifest([UInt8])
    /// A chunk.
    case chunk([UInt8])
    /// It is not there, or no longer.
    case none

    /// The message as it goes over the wire.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        switch self {
        case .list(let heights):
            writer.message(1) { list in
                for height in heights { list.message(1) { $0.varint(1, height) } }
            }
        case .manifest(let bytes): writer.presentBytes(2, bytes)
        case .chunk(let bytes): writer.presentBytes(3, bytes)
        case .none: writer.presentBytes(4, [])
        }
        return writer.bytes
    }

    /// Reads a message that fills `bytes`; what is in it is judged by whoever asked.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= SnapshotExchange.answerMax else {
            throw DecodeFault(
                .overLimit(
                    field: "answer", limit: SnapshotExchange.answerMax, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        guard let field = try reader.next() else { throw .malformed("no answer") }
        switch field.number {
        case 1: self = .list(try Self.heights(try field.message()))
        case 2: self = .manifest([UInt8](try field.bytes()))
        case 3: self = .chunk([UInt8](try field.bytes()))
        case 4: self = .none
        default: throw .malformed("unknown answer \(field.number)", at: field.offset)
        }
        if let second = try reader.next() {
            throw .malformed("more than one answer in a message", at: second.offset)
        }
    }

    private static func heights(_ message: ProtobufReader) throws(DecodeFault) -> [UInt64] {
        var reader = message
        var heights: [UInt64] = []
        while let field = try reader.next() {
            guard field.number == 1 else {
                throw .malformed("unknown field \(field.number)", at: field.offset)
            }
            var offer = try field.message()
            guard let height = try offer.next(), height.number == 1,
                heights.count < SnapshotExchange.listedMax
            else { throw .malformed("too many snapshots, or one of nothing", at: field.offset) }
            let value = try height.varint()
            guard value > 0, heights.last.map({ $0 < value }) ?? true else {
                throw .malformed("heights that do not rise", at: field.offset)
            }
            heights.append(value)
        }
        return heights
    }
}

/// Names and limits of the exchange of snapshots.
package enum SnapshotExchange {
    /// Snapshots that one node offers at most; `snapshots.listedMax`.
    package static let listedMax = 8
    /// The largest question; `snapshots.questionMax`.
    package static let questionMax = 64
    /// The largest answer, a manifest of the most chunks; `snapshots.answerMax`.
    package static let answerMax = 2_228_224

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String {
        "/\(network)/quadrat/state-snapshot/v0.0.1"
    }
}
