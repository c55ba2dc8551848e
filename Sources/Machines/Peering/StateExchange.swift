// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// A question for entries of the state that a header's app hash commits to.
///
/// Specified in Protocol/23-state-tree.md#state-question and Protocol/wire/state_exchange.proto.
package struct StateQuestion: Hashable, Sendable {
    /// Keys that begin alike, in their order.
    package struct Range: Hashable, Sendable {
        /// What they begin with.
        package let prefix: [UInt8]
        /// Behind which key to begin; empty for the first.
        package let after: [UInt8]

        package init(prefix: [UInt8], after: [UInt8] = []) {
            self.prefix = prefix
            self.after = after
        }
    }

    /// The height of the header under whose app hash the answer is to be proven.
    package let height: UInt64
    /// Keys that are each proven to have a value or none.
    package let keys: [[UInt8]]
    /// Keys that are listed, if any.
    package let range: Range?

    package init(height: UInt64, keys: [[UInt8]] = [], range: Range? = nil) {
        self.height = height
        self.keys = keys
        self.range = range
    }

    /// The message as it goes over the wire.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, height)
        for key in keys { writer.presentBytes(2, key) }
        if let range {
            writer.message(3) {
                $0.bytes(1, range.prefix)
                $0.bytes(2, range.after)
            }
        }
        return writer.bytes
    }

    /// Reads a message that fills `bytes`.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var height: UInt64 = 0
        var keys: [[UInt8]] = []
        var range: Range?
        while let field = try reader.next() {
            switch field.number {
            case 1: height = try field.varint()
            case 2:
                guard keys.count < StateExchange.keysMax else {
                    throw DecodeFault(
                        .overLimit(
                            field: "keys", limit: StateExchange.keysMax, actual: keys.count + 1),
                        at: field.offset)
                }
                keys.append(try StateExchange.key(field))
            case 3: range = try Self.range(try field.message())
            default: throw .malformed("unknown field \(field.number)", at: field.offset)
            }
        }
        guard height > 0, !keys.isEmpty || range != nil else {
            throw .malformed("a question about no height or no key")
        }
        self.init(height: height, keys: keys, range: range)
    }

    private static func range(_ message: ProtobufReader) throws(DecodeFault) -> Range {
        var reader = message
        var prefix: [UInt8] = []
        var after: [UInt8] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: prefix = try StateExchange.key(field)
            case 2: after = try StateExchange.key(field)
            default: throw .malformed("unknown field \(field.number)", at: field.offset)
            }
        }
        guard !prefix.isEmpty, after.isEmpty || after.starts(with: prefix) else {
            throw .malformed("a listing of all keys, or one from elsewhere")
        }
        return Range(prefix: prefix, after: after)
    }
}

/// What a validator answers to a question for entries of the state.
package struct StateResponse: Hashable, Sendable {
    /// The newest height that can be asked about.
    package let newest: UInt64
    /// Whether the question's height is one of those; if not, there are no proofs.
    package let isKept: Bool
    /// The proof of each key, in their order.
    package let proofs: [[UInt8]]
    /// The proofs of the listed keys, in their order.
    package let listed: [[UInt8]]
    /// Whether more keys follow in the listing.
    package let hasMore: Bool

    package init(
        newest: UInt64, isKept: Bool = false, proofs: [[UInt8]] = [], listed: [[UInt8]] = [],
        hasMore: Bool = false
    ) {
        self.newest = newest
        self.isKept = isKept
        self.proofs = proofs
        self.listed = listed
        self.hasMore = hasMore
    }

    /// The message as it goes over the wire.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, newest)
        for proof in proofs { writer.presentBytes(2, proof) }
        for proof in listed { writer.presentBytes(3, proof) }
        writer.bool(4, hasMore)
        writer.bool(5, isKept)
        return writer.bytes
    }

    /// Reads a message that fills `bytes`; the proofs are judged by whoever knows the header.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= StateExchange.responseLimit else {
            throw DecodeFault(
                .overLimit(
                    field: "answer", limit: StateExchange.responseLimit, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        var newest: UInt64 = 0
        var proofs: [[UInt8]] = []
        var listed: [[UInt8]] = []
        var hasMore = false
        var isKept = false
        while let field = try reader.next() {
            switch field.number {
            case 1: newest = try field.varint()
            case 2:
                try Self.check(proofs.count, limit: StateExchange.keysMax, field)
                proofs.append([UInt8](try field.bytes()))
            case 3:
                try Self.check(listed.count, limit: StateExchange.listedMax, field)
                listed.append([UInt8](try field.bytes()))
            case 4: hasMore = try field.bool()
            case 5: isKept = try field.bool()
            default: throw .malformed("unknown field \(field.number)", at: field.offset)
            }
        }
        guard isKept || proofs.isEmpty && listed.isEmpty && !hasMore else {
            throw .malformed("proofs of a state that is not kept")
        }
        self.init(
            newest: newest, isKept: isKept, proofs: proofs, listed: listed, hasMore: hasMore)
    }

    private static func check(
        _ count: Int, limit: Int, _ field: ProtobufField
    ) throws(DecodeFault) {
        guard count < limit else {
            throw DecodeFault(
                .overLimit(field: "proofs", limit: limit, actual: count + 1), at: field.offset)
        }
    }
}

/// Names and limits of the questions for entries of the state.
package enum StateExchange {
    /// Keys of one question; `stateExchange.keysMax`.
    package static let keysMax = 16
    /// Entries of one listing; `stateExchange.listedMax`.
    package static let listedMax = 64
    /// The longest key that is asked for, the longest that a ledger has; `stateExchange.keySizeMax`.
    package static let keySizeMax = 64
    /// The largest question; `stateExchange.requestMax`.
    package static let requestLimit = 2_048
    /// The largest answer; `stateExchange.responseMax`.
    package static let responseLimit = 4_194_304
    /// Bytes of proofs after which a listing ends; `stateExchange.listedBytesMax`.
    package static let listedBytesMax = 1_048_576
    /// Heights below the newest that can be asked about; `stateExchange.heightsKept`.
    package static let heightsKept: UInt64 = 8

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String {
        "/\(network)/quadrat/state/v0.0.1"
    }

    /// The id under which a node that is no validator passes the same questions on to one.
    package static func relayProtocolID(network: String) -> String {
        "/\(network)/quadrat/state-relay/v0.0.1"
    }

    /// What a node gives to those who ask.
    package static var serviceLimits: ServiceLimits {
        var limits = ServiceLimits(completion: .atEnd(limit: requestLimit))
        limits.perPeer = RateLimit(perSecond: 16, burst: 64)
        limits.streamsPerPeer = 8
        return limits
    }

    static func key(_ field: ProtobufField) throws(DecodeFault) -> [UInt8] {
        let bytes = try field.bytes()
        guard (1...keySizeMax).contains(bytes.count) else {
            throw DecodeFault(
                .overLimit(field: "key", limit: keySizeMax, actual: bytes.count),
                at: field.offset)
        }
        return [UInt8](bytes)
    }
}
