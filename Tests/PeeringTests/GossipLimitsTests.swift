// SPDX-License-Identifier: Apache-2.0

import Foundation
import Peering
import TestSupport
import Testing

/// The table of limits in Protocol/12-gossip.md against the code.
@Suite struct GossipLimitsTests {
    /// What the code says, in the table's order.
    static let code: [[Int]] = [
        [GossipLimits.rpcBytes, GossipLimits.dataBytes],
        [GossipLimits.subscriptionsPerPeer],
        [GossipLimits.entriesPerRPC, GossipLimits.idsPerRPC],
        [GossipLimits.topicBytes, GossipLimits.idBytes],
        [GossipLimits.haveMessages, GossipLimits.idsPerRPC],
        [GossipLimits.retransmissions],
        [GossipLimits.dontWantMessages, GossipLimits.dontWantIDs],
        [GossipLimits.validationsPerPeer, GossipLimits.validations],
        [GossipLimits.queueBytes, GossipLimits.queueGossipBytes],
        [GossipLimits.incompleteBytes],
        [GossipLimits.seen, Int(GossipLimits.seenMilliseconds / 1_000)],
        [GossipLimits.cacheBytes],
        [GossipLimits.retainedScores],
    ]

    /// Each row of the table has the numbers of the code, and there is no other row.
    @Test func tableAndCodeAgree() throws {
        let chapter = Vectors.repository.appending(path: "Protocol/12-gossip.md")
        let text = try String(contentsOf: chapter, encoding: .utf8)
        let limits = try #require(text.split(separator: "\n## Limits\n").last)
        let table = try #require(limits.split(separator: "\n## ").first)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(rows.count == Self.code.count)
        for (row, numbers) in zip(rows, Self.code) {
            let value = try #require(row.split(separator: "|").last)
            let found = value.split(separator: ",").compactMap {
                Int($0.trimmingCharacters(in: .whitespaces))
            }
            #expect(found == numbers, "\(row)")
        }
    }
}
