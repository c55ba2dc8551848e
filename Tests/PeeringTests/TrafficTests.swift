// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// What is counted of bytes that come and go, by peer and by protocol.
@Suite struct TrafficTests {
    private static func moment(_ milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: 1_700_000_000_000_000_000).advanced(byMilliseconds: milliseconds)
    }

    /// A steady flow shows its rate after some seconds; a flow that ended fades.
    @Test func rates() {
        var traffic = Traffic()
        for tick in 0..<100 { traffic.add(in: 100, out: 10, at: Self.moment(UInt64(tick) * 100)) }
        #expect(traffic.bytesIn == 10_000 && traffic.bytesOut == 1_000)
        let now = traffic.rates(at: Self.moment(10_000))
        #expect((995...1_000).contains(now.in) && (95...101).contains(now.out))
        #expect(traffic.rates(at: Self.moment(11_000)).in <= 500)
        #expect(traffic.rates(at: Self.moment(600_000)) == (0, 0))
        var other = Traffic()
        other.add(in: 5, at: Self.moment(10_500))
        traffic.add(other, at: Self.moment(10_600))
        #expect(traffic.bytesIn == 10_005)
        #expect(Traffic().rates(at: Self.moment(0)) == (0, 0))
    }

    /// What one host counts as sent to a peer the other counts as received; a protocol's bytes are
    /// those of its streams, and a peer's are kept over the end of a connection.
    @Test func hostsCount() throws {
        var network = HostNetwork(count: 3)
        network.dial(0, 1)
        network.dial(0, 2)
        network.run(milliseconds: 200)
        network.change(1) { host, _ in host.serve("/ask", ServiceLimits(completion: .exactly(7))) }
        let peer = network.peer(1)
        network.change(0) { host, now in
            _ = host.request(
                "/ask", to: peer, [UInt8](repeating: 1, count: 7), answerLimit: 50_000,
                deadline: now.advanced(byMilliseconds: 5_000), at: now)
        }
        network.run(milliseconds: 100)
        for notice in network.take(1) {
            guard case .asked(let inbound, _, _, _) = notice else { continue }
            network.change(1) { host, _ in
                host.answer(inbound, [UInt8](repeating: 2, count: 40_000), isLast: true)
            }
        }
        network.run(milliseconds: 500)
        let now = network.now
        let (mine, theirs) = (network.hosts[0], network.hosts[1])
        let asked = mine.traffic(of: network.peer(1), at: now)
        let answered = theirs.traffic(of: network.peer(0), at: now)
        #expect(asked.bytesIn == answered.bytesOut && asked.bytesOut == answered.bytesIn)
        #expect(asked.bytesIn > 40_000 && asked.bytesOut < 5_000)
        #expect(mine.traffic(of: network.peer(2), at: now).bytesIn < 5_000)
        #expect(mine.traffic(ofProtocol: "/ask").bytesIn == 40_000)
        #expect(mine.traffic(ofProtocol: "/ask").bytesOut == 7)
        #expect(theirs.traffic(ofProtocol: "/ask").bytesIn == 7)
        #expect(theirs.traffic(ofProtocol: "/ask").bytesOut == 40_000)
        #expect(mine.traffic(ofProtocol: "/ipfs/id/1.0.0").bytesIn > 0)
        #expect(mine.traffic(ofProtocol: "/nobody/1") == Traffic())
        #expect(mine.traffic(of: HostNetwork.key(9).peer, at: now) == Traffic())
    }
}
