// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare

/// Something that happened to the node and that its users may watch.
package enum NodeEvent: Hashable, Sendable {
    /// There is a header of this height.
    case head(height: UInt64)
    /// Sampling of a height ended; confidence in millionths.
    case sampled(height: UInt64, isAvailable: Bool, confidencePartsPerMillion: Int)
    /// The block of a height is proven to break the chain's rules.
    case fraud(height: UInt64, reason: String)
    /// A row of a block disagrees with the block's encoding sidecar.
    case alarm(height: UInt64, row: Int)

    /// The block that it is about.
    var height: UInt64 {
        switch self {
        case .head(let height), .sampled(let height, _, _), .fraud(let height, _),
            .alarm(let height, _):
            height
        }
    }
}

/// What a watcher wants to be told of.
///
/// Specified in Protocol/17-json-rpc.md#topics.
enum EventTopic: Hashable, Sendable {
    /// Each header.
    case headers
    /// Each height, with the blobs that it has in a namespace.
    case blobs(Namespace)
    /// Each verdict of sampling.
    case sampling
    /// Each block that is proven to break the rules.
    case fraud
    /// Each block of which a row disagrees with the encoding sidecar.
    case alarms

    /// The word that a watcher asks by, and that events bear.
    var name: String {
        switch self {
        case .headers: "headers"
        case .blobs: "blobs"
        case .sampling: "sampling"
        case .fraud: "fraud"
        case .alarms: "alarms"
        }
    }

    /// Whether it speaks of events of that kind.
    func concerns(_ event: NodeEvent) -> Bool {
        switch (self, event) {
        case (.headers, .head), (.blobs, .head), (.sampling, .sampled), (.fraud, .fraud),
            (.alarms, .alarm):
            true
        default: false
        }
    }

    /// Whether what was missed can be told from the chain itself.
    var isOfTheChain: Bool {
        switch self {
        case .headers, .blobs: true
        case .sampling, .fraud, .alarms: false
        }
    }

    /// The topic of a word, with the namespace for those that have one.
    init(_ name: String, namespace: Namespace?) throws(ParameterFault) {
        switch (name, namespace) {
        case ("headers", nil): self = .headers
        case ("sampling", nil): self = .sampling
        case ("fraud", nil): self = .fraud
        case ("alarms", nil): self = .alarms
        case ("blobs", .some(let namespace)):
            guard namespace.isValidForBlob else {
                throw ParameterFault("invalid namespace: reserved namespace")
            }
            self = .blobs(namespace)
        case ("blobs", nil): throw ParameterFault("the topic 'blobs' needs a namespace")
        case ("headers", _), ("sampling", _), ("fraud", _), ("alarms", _):
            throw ParameterFault("the topic '\(name)' has no namespace")
        default: throw ParameterFault("there is no topic '\(name.prefix(32))'")
        }
    }

    /// The topics of a query: `headers,sampling,blobs:<hexadecimal namespace>`.
    static func list(_ text: String) throws(ParameterFault) -> [EventTopic] {
        var topics: [EventTopic] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard topics.count < EventStream.topicsMax else {
                throw ParameterFault("more than \(EventStream.topicsMax) topics")
            }
            let parts = word.split(separator: ":", maxSplits: 1)
            var namespace: Namespace?
            if parts.count == 2 { namespace = try Self.namespace(parts[1]) }
            let topic = try EventTopic(String(parts.first ?? ""), namespace: namespace)
            guard !topics.contains(topic) else {
                throw ParameterFault("the topic '\(topic.name)' is named twice")
            }
            topics.append(topic)
        }
        return topics
    }

    private static func namespace(_ text: Substring) throws(ParameterFault) -> Namespace {
        do throws(DecodeFault) {
            let bytes = try Hex.decode(text)
            return bytes.count == Namespace.sizeBytes
                ? try Namespace(decoding: bytes) : try Namespace(userID: bytes)
        } catch {
            throw ParameterFault("invalid namespace: \(error.description)")
        }
    }
}

/// Names one event, so that a watcher that lost its connection can go on behind it:
/// `run.sequence.height`.
///
/// The run tells one life of the process from another; the height is that of the newest head told.
struct EventIdentifier: Hashable, Sendable, CustomStringConvertible {
    /// The longest text that is read.
    static let textMax = 64

    let run: String
    let sequence: UInt64
    let height: UInt64

    init(run: String, sequence: UInt64, height: UInt64) {
        self.run = run
        self.sequence = sequence
        self.height = height
    }

    /// Reads the text of an identifier, nil when it is none.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.textMax, parts.count == 3,
            let sequence = UInt64(parts[1]), let height = UInt64(parts[2])
        else { return nil }
        self.init(run: String(parts[0]), sequence: sequence, height: height)
    }

    var description: String { "\(run).\(sequence).\(height)" }
}
