// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Agrees on one protocol name over one channel: multistream-select 1.0.
///
/// It is used three times: on the raw connection for the security protocol, inside it for the
/// muxer, and on every stream for the application's protocol. A token is a varint length, the text
/// and a newline, which the length counts:
///
///     13 "/multistream/1.0.0\n"   header, from both sides
///     07 "/noise\n"               proposal, echoed when it is taken
///     03 "na\n"                   refusal, after which the other may propose again
///
/// Source: libp2p/specs, connections; multistream-select.
/// Specified in Protocol/09-peer-layer.md#agreement.
package struct MultistreamMachine: Sendable {
    /// The longest token, newline included, in bytes.
    package static let tokenLimit = 1024
    /// The longest protocol name of our own, in bytes.
    package static let nameLimit = 256

    /// How far it has come.
    package enum Outcome: Hashable, Sendable {
        /// Still talking.
        case pending
        /// Both sides speak this protocol from the next byte on.
        case agreed(String)
        /// The responder takes none of the proposals.
        case refused
    }

    /// How far it has come.
    package private(set) var outcome = Outcome.pending

    private let isInitiator: Bool
    private var proposals: [String]
    private var proposalsLeft: Int
    private var isHeaderReceived = false
    private var isHeaderSent = false
    private var buffer: [UInt8] = []

    /// Proposes names, the best first.
    package init(proposing proposals: [String]) {
        precondition(!proposals.isEmpty, "there is something to propose")
        isInitiator = true
        self.proposals = proposals
        proposalsLeft = proposals.count
    }

    /// Waits for proposals, at most `limit` of them.
    package init(acceptingUpTo limit: Int) {
        isInitiator = false
        proposals = []
        proposalsLeft = limit
    }

    /// The first bytes of an initiator: header and first proposal together, since nobody has to
    /// wait for the other's header.
    package mutating func start() -> [UInt8] {
        precondition(isInitiator && !isHeaderSent, "only an initiator starts, once")
        isHeaderSent = true
        return Self.token(Self.header) + Self.token(proposals[0])
    }

    /// Takes bytes of the other side.
    ///
    /// - Returns: What to send, and the bytes after the agreement, which are the protocol's.
    package mutating func receive(
        _ input: ArraySlice<UInt8>, isServed: (String) -> Bool
    ) throws(MultistreamFault) -> (output: [UInt8], rest: ArraySlice<UInt8>) {
        var output: [UInt8] = []
        var rest = input
        while outcome == .pending, let text = try nextToken(&rest) {
            if !isHeaderReceived {
                guard text == Self.header else { throw .header }
                isHeaderReceived = true
                if !isHeaderSent {
                    isHeaderSent = true
                    output += Self.token(Self.header)
                }
            } else if isInitiator {
                try handleAnswer(text, &output)
            } else {
                try handleProposal(text, &output, isServed)
            }
        }
        return (output, rest)
    }

    private mutating func handleAnswer(
        _ text: String, _ output: inout [UInt8]
    ) throws(MultistreamFault) {
        if text == proposals[0] {
            outcome = .agreed(text)
        } else if text == Self.refusal {
            proposals.removeFirst()
            if let next = proposals.first {
                output += Self.token(next)
            } else {
                outcome = .refused
            }
        } else {
            throw .answer
        }
    }

    private mutating func handleProposal(
        _ text: String, _ output: inout [UInt8], _ isServed: (String) -> Bool
    ) throws(MultistreamFault) {
        guard proposalsLeft > 0 else { throw .proposals }
        proposalsLeft -= 1
        if text.utf8.count <= Self.nameLimit, isServed(text) {
            outcome = .agreed(text)
            output += Self.token(text)
        } else {
            output += Self.token(Self.refusal)
        }
    }

    /// Takes one whole token off `rest`, or keeps what there is of one.
    private mutating func nextToken(_ rest: inout ArraySlice<UInt8>) throws(MultistreamFault)
        -> String?
    {
        while let byte = rest.popFirst() {
            buffer.append(byte)
            guard let length = try lengthOfBuffered() else { continue }
            let prefix = length < 128 ? 1 : 2
            let missing = prefix + length - buffer.count
            buffer += rest.prefix(missing)
            rest = rest.dropFirst(missing)
            guard buffer.count == prefix + length else { return nil }
            guard buffer.last == UInt8(ascii: "\n"),
                let text = String(validating: buffer[prefix..<buffer.count - 1], as: UTF8.self)
            else { throw .token }
            buffer = []
            return text
        }
        return nil
    }

    /// The token's length once its one or two bytes are there.
    private func lengthOfBuffered() throws(MultistreamFault) -> Int? {
        let first = Int(buffer[0])
        guard first >= 128 else {
            guard first > 0 else { throw .token }
            return first
        }
        guard buffer.count > 1 else { return nil }
        let length = first & 127 | Int(buffer[1]) << 7
        guard buffer[1] < 128, length >= 128, length <= Self.tokenLimit else { throw .token }
        return length
    }

    static let header = "/multistream/1.0.0"
    static let refusal = "na"

    static func token(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(varint: UInt64(text.utf8.count + 1))
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}

/// Why an agreement cannot be reached; the channel ends.
package enum MultistreamFault: Error, Hashable, Sendable {
    /// The other side did not start with the header.
    case header
    /// A token is empty, too long, not UTF-8 or lacks its newline.
    case token
    /// The answer is neither the proposal nor a refusal.
    case answer
    /// More proposals than the limit.
    case proposals
}
