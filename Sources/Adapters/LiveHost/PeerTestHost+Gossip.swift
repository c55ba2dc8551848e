// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import EventLoop
internal import Machinery
package import Peering

/// What a test peer says and hears on one topic; it passes on all that is signed.
///
///     /quadrat/test/topic    names of messages: author ‖ sequence
extension PeerTestHost {
    /// The topic.
    package static let topic = "/quadrat/test/topic"

    /// A message that came.
    package struct Heard {
        /// Who wrote it.
        package let author: PeerIdentifier?
        /// What it says.
        package let data: [UInt8]
    }

    static func makeGossip(_ configuration: PeerHost.Configuration) -> GossipService {
        let machine = GossipMachine.Configuration(
            key: configuration.key, seed: configuration.seed,
            topics: [
                GossipTopicRules(
                    topic, naming: .authorAndSequence, scoring: GossipTopicScoring())
            ])
        return GossipService(machine, protocols: [.meshDontWant, .mesh, .flood])
    }

    /// Whether a peer is told what comes on the topic.
    package func isSubscribed(_ peer: PeerIdentifier) -> Bool {
        gossip.machine.subscribers(of: Self.topic).contains(peer)
    }

    /// Publishes a message.
    package func publish(_ data: [UInt8]) {
        changeGossip { gossip, host, now, outcomes in
            gossip.publish(Self.topic, data, on: &host, at: now, into: &outcomes)
        }
    }

    /// Publishes a message every so many milliseconds from now on.
    package func publish(everyMilliseconds milliseconds: UInt64) {
        later(milliseconds) { host in
            host.publishedCount += 1
            host.publish(Array("quadrat \(host.publishedCount)".utf8))
            host.publish(everyMilliseconds: milliseconds)
        }
    }

    func tellGossip(_ notice: PeerNotice) {
        changeGossip { gossip, host, now, outcomes in
            gossip.handle(notice, on: &host, at: now, into: &outcomes)
        }
    }

    func beginGossip() {
        changeGossip { gossip, host, now, outcomes in
            gossip.join(Self.topic, on: &host, at: now, into: &outcomes)
        }
    }

    private func changeGossip(
        _ change: (
            inout GossipService, inout PeerHost, Instant, inout [GossipOutcome]
        ) -> Void
    ) {
        var outcomes: [GossipOutcome] = []
        transport.perform { host, now in change(&gossip, &host, now, &outcomes) }
        for outcome in outcomes {
            switch outcome {
            case .connect: break
            case .deliver(let delivery):
                changeGossip { gossip, host, now, outcomes in
                    gossip.judge(
                        delivery.number, .accept, on: &host, at: now, into: &outcomes)
                }
                onMessage?(Heard(author: delivery.author, data: delivery.data))
            case .wake(let moment):
                later(moment.milliseconds(since: transport.now) + 1) { host in
                    host.changeGossip { gossip, host, now, outcomes in
                        gossip.wake(on: &host, at: now, into: &outcomes)
                    }
                }
            }
        }
    }

    private func later(_ milliseconds: UInt64, _ action: @escaping (PeerTestHost) -> Void) {
        do throws(LoopFailure) {
            try eventLoop.schedule(afterMilliseconds: milliseconds) { [weak self] in
                if let self { action(self) }
            }
        } catch {
            preconditionFailure("a loop that runs takes timers: \(error)")
        }
    }
}
