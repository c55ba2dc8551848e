// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
package import Peering
internal import Syncing

/// The conversation with everybody at once: what is published, what comes, what it is worth.
///
/// Specified in Protocol/12-gossip.md#topics.
extension Node {
    /// The data root of the block without data, which nobody needs to fetch.
    private static let emptyDataRoot: Bytes32 = {
        do throws(SquareFault) {
            let square = try OriginalDataSquare(width: 1, bytes: Array(Padding.tail.bytes))
            return CommittedSquare(ExtendedDataSquare(extending: square)).header.dataRoot
        } catch {
            preconditionFailure("one padding share is a square")
        }
    }()

    mutating func beginGossip(at now: Instant, into effects: inout [RoleEffect]) {
        var outcomes: [GossipOutcome] = []
        gossip.mesh.begin(on: &peerHost)
        if isKeepingSquares { gossip.flood.begin(on: &peerHost) }
        for topic in GossipState.topics(of: configuration) {
            let name = topic.name(network: configuration.network)
            if topic == .squares {
                gossip.flood.join(name, on: &peerHost, at: now, into: &outcomes)
            } else {
                gossip.mesh.join(name, on: &peerHost, at: now, into: &outcomes)
            }
        }
        carryOut(outcomes, at: now, into: &effects)
    }

    mutating func tellGossip(
        _ notice: PeerNotice, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        var outcomes: [GossipOutcome] = []
        gossip.mesh.handle(notice, on: &peerHost, at: now, into: &outcomes)
        if isKeepingSquares {
            gossip.flood.handle(notice, on: &peerHost, at: now, into: &outcomes)
        }
        carryOut(outcomes, at: now, into: &effects)
    }

    mutating func wakeGossip(at now: Instant, into effects: inout [RoleEffect]) {
        var outcomes: [GossipOutcome] = []
        gossip.mesh.wake(on: &peerHost, at: now, into: &outcomes)
        if isKeepingSquares { gossip.flood.wake(on: &peerHost, at: now, into: &outcomes) }
        carryOut(outcomes, at: now, into: &effects)
    }

    /// Publishes data on a topic.
    mutating func publish(
        _ topic: GossipTopic, _ data: [UInt8], at now: Instant, into effects: inout [RoleEffect]
    ) {
        if configuration.isForwardingNothing { return }
        let name = topic.name(network: configuration.network)
        var outcomes: [GossipOutcome] = []
        if topic == .squares {
            gossip.flood.publish(name, data, on: &peerHost, at: now, into: &outcomes)
        } else {
            gossip.mesh.publish(name, data, on: &peerHost, at: now, into: &outcomes)
        }
        carryOut(outcomes, at: now, into: &effects)
    }

    /// Says what a received message is worth.
    mutating func judge(
        _ topic: GossipTopic, _ number: UInt64, _ verdict: GossipVerdict, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if topic == .headers, verdict == .accept {
            effects.append(.report(.counted("gossip.headers", 1)))
        }
        let verdict = configuration.isForwardingNothing ? .ignore : verdict
        var outcomes: [GossipOutcome] = []
        if topic == .squares {
            gossip.flood.judge(number, verdict, on: &peerHost, at: now, into: &outcomes)
        } else {
            gossip.mesh.judge(number, verdict, on: &peerHost, at: now, into: &outcomes)
        }
        carryOut(outcomes, at: now, into: &effects)
    }

    /// The topics that this node wants, by name.
    var gossipTopics: [String] { gossip.mesh.machine.topics + gossip.flood.machine.topics }

    /// The peers that want a topic.
    func gossipSubscribers(of topic: String) -> [PeerIdentifier] {
        gossip.mesh.machine.subscribers(of: topic) + gossip.flood.machine.subscribers(of: topic)
    }

    // MARK: What this node says

    /// A block's header and square are on disk: those who wait for either are told.
    ///
    /// Blocks that were caught up on are no news, and neither is a block without data.
    mutating func announce(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard height + NodeLimits.announceWindow > chain.height,
            let header = chain.recentHeader(height)?.extended
        else { return }
        if height > gossip.publishedHeight {
            gossip.publishedHeight = height
            publish(.headers, header.protobuf, at: now, into: &effects)
        }
        let root = header.dataAvailabilityHeader.dataRoot
        // Who keeps a slice has no square to announce.
        guard root != Self.emptyDataRoot, configuration.slice == nil else { return }
        let announced = SquareAnnouncement(height: height, dataRoot: root)
        publish(.squares, announced.protobuf, at: now, into: &effects)
    }

    /// A header is stored: peers that announced its square are asked for it first.
    mutating func useAnnouncements(
        of header: ChainHeader, at now: Instant, into effects: inout [RoleEffect]
    ) {
        for peer in gossip.takeAnnouncements(of: header) {
            tellSquares(.announced(header.height.value, by: peer), now, &effects)
        }
    }

    /// How many announcements of squares wait for their headers.
    package var announcementsWaiting: Int { gossip.announcements.count }

    /// The name of this node.
    package var localPeer: PeerIdentifier { peerHost.localPeer }

    // MARK: What others say

    private mutating func carryOut(
        _ outcomes: [GossipOutcome], at now: Instant, into effects: inout [RoleEffect]
    ) {
        for outcome in outcomes {
            switch outcome {
            case .deliver(let delivery): received(delivery, at: now, into: &effects)
            case .connect(let peer, let addresses):
                guard peers.entries.count < NodeLimits.namedPeersBelow,
                    let address = addresses.first(where: { $0.socketAddress != nil })
                else { continue }
                peerHost.dial(address, expecting: peer, at: now)
            case .wake(let moment): effects.append(.wake(at: moment))
            }
        }
    }

    private mutating func received(
        _ delivery: GossipDelivery, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let network = configuration.network
        let topic = GossipTopic.allCases.first { $0.name(network: network) == delivery.topic }
        guard let topic else { preconditionFailure("only known topics are joined") }
        switch topic {
        case .headers:
            receivedHeader(delivery, at: now, into: &effects)
        case .squares:
            let verdict = receivedAnnouncement(delivery, at: now, into: &effects)
            judge(.squares, delivery.number, verdict, at: now, into: &effects)
        case .fraud:
            receivedProof(delivery, at: now, into: &effects)
        }
    }

    /// What a job has to find out first is judged when it has.
    private mutating func receivedProof(
        _ delivery: GossipDelivery, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let verdict = fraudGossiped(
            delivery.data, from: delivery.sender, at: now, into: &effects)
        if let verdict {
            judge(.fraud, delivery.number, verdict, at: now, into: &effects)
        } else {
            let sender = Peer(delivery.sender.text)
            fraud.deliveries.append((delivery.number, sender, delivery.data))
        }
    }

    private mutating func receivedHeader(
        _ delivery: GossipDelivery, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let header: ExtendedHeader
        do throws(DecodeFault) {
            header = try ExtendedHeader(protobuf: delivery.data)
        } catch {
            return judge(.headers, delivery.number, .reject, at: now, into: &effects)
        }
        if chain.recentHeader(header.height.value)?.hash == header.hash {
            // The header is known; what came with it may still be somebody's invention. Old ones
            // do not go on: anybody could send them round for ever.
            let isNews = header.height.value + NodeLimits.announceWindow > chain.height
            let verdict: GossipVerdict =
                isWhole(header) ? (isNews ? .accept : .ignore) : .reject
            judge(.headers, delivery.number, verdict, at: now, into: &effects)
        } else if !configuration.isFollowing {
            judge(.headers, delivery.number, .ignore, at: now, into: &effects)
        } else {
            let sender = Peer(delivery.sender.text)
            if !isKeepingSquares { rootsAtHand.keep(header.dataAvailabilityHeader) }
            noteGiver(sender, of: [ChainHeader(header)])
            tellHeaders(.gossiped(delivery.number, header, by: sender), now, &effects)
        }
    }

    private func isWhole(_ header: ExtendedHeader) -> Bool {
        do throws(HeaderFault) {
            try header.validate()
            return true
        } catch {
            return false
        }
    }

    /// Announcements go one hop: each holder tells its own peers, so the sender is a holder.
    private mutating func receivedAnnouncement(
        _ delivery: GossipDelivery, at now: Instant, into effects: inout [RoleEffect]
    ) -> GossipVerdict {
        let announced: SquareAnnouncement
        do throws(DecodeFault) {
            announced = try SquareAnnouncement(protobuf: delivery.data)
        } catch {
            return .reject
        }
        guard announced.dataRoot != Self.emptyDataRoot else { return .reject }
        let sender = Peer(delivery.sender.text)
        guard let header = chain.recentHeader(announced.height) else {
            let isSoon =
                announced.height > chain.height
                && announced.height - chain.height <= NodeLimits.announceWindow
            if isSoon { gossip.remember(announced, by: sender) }
            return .ignore
        }
        guard header.dataRoot == announced.dataRoot else {
            return .reject
        }
        tellSquares(.announced(announced.height, by: sender), now, &effects)
        return .ignore
    }
}
