// SPDX-License-Identifier: Apache-2.0

import Foundation
import Machinery
import Peering
import TestSupport
import Testing

/// The table of limits in Protocol/09-peer-layer.md against the code.
@Suite struct LimitsTests {
    /// What the code says, in the table's order.
    static var code: [[UInt64]] {
        let host = PeerHostLimits()
        let session = host.session
        let service = ServiceLimits(completion: .atEnd(limit: 1))
        func counts(_ values: Int...) -> [UInt64] { values.map { UInt64($0) } }
        return [
            counts(host.admission.perAddress),
            counts(host.admission.perSite),
            [host.admission.newPerAddress.secondsEach, host.admission.newPerAddress.burst],
            [UInt64(host.admission.handshaking), host.admission.handshakes.perSecond],
            counts(host.connectionsPerPeer),
            [session.handshakeMilliseconds / 1000]
                + counts(session.handshakeBytes, session.connectionProposals),
            counts(MultistreamMachine.tokenLimit, MultistreamMachine.nameLimit),
            [4096],
            counts(session.yamux.inboundStreams, session.negotiatingStreams),
            counts(session.yamux.unacceptedStreams),
            [session.negotiationMilliseconds / 1000, UInt64(session.streamProposals)],
            counts(
                YamuxLimits.initialWindowBytes, session.yamux.windowMaximumBytes,
                session.yamux.windowGrowthBytes),
            counts(session.yamux.pendingPongs),
            [session.yamux.controlFrames.perSecond, session.yamux.controlFrames.burst],
            [session.yamux.resets.perSecond, session.yamux.resets.burst],
            counts(session.yamux.pendingControlBytes),
            [UInt64(host.inFlightBytes), host.stallMilliseconds / 1000],
            [session.quietMilliseconds / 1000, session.silenceMilliseconds / 1000],
            counts(
                IdentifyMessage.sizeLimit, IdentifyMessage.partLimit,
                IdentifyMessage.addressLimit, IdentifyMessage.protocolLimit),
            [
                host.identifyPerSubnet.secondsEach, host.identifyPerSubnet.burst,
                host.identifyOverall.perSecond,
            ],
            [UInt64(host.pingStreamsPerPeer), host.pingIdleMilliseconds / 1000],
            [service.readMilliseconds / 1000, service.answerMilliseconds / 1000],
            [
                UInt64(host.penaltyMaximum), host.blockMilliseconds / 1000,
                host.forgivenessMilliseconds / 1000,
            ],
        ]
    }

    /// Each row of the table has the numbers of the code, and there is no other row.
    @Test func tableAndCodeAgree() throws {
        let chapter = Vectors.repository.appending(path: "Protocol/09-peer-layer.md")
        let text = try String(contentsOf: chapter, encoding: .utf8)
        let limits = try #require(text.split(separator: "\n## Limits\n").last)
        let table = try #require(limits.split(separator: "\n## ").first)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        let expected = Self.code
        #expect(rows.count == expected.count)
        for (row, numbers) in zip(rows, expected) {
            let columns = row.split(separator: "|")
            let value = try #require(columns.last)
            let found = value.split(separator: ",").compactMap {
                UInt64($0.trimmingCharacters(in: .whitespaces))
            }
            #expect(found == numbers, "\(row)")
        }
    }
}
