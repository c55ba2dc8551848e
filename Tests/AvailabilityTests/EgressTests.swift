// SPDX-License-Identifier: Apache-2.0

import Availability
import Chain
import DataSquare
import Machinery
import Testing

/// How many bytes a block costs its proposer and the other members to send.
@Suite struct EgressTests {
    /// Members and the width of the original square.
    static let sizes = [(4, 32), (10, 64), (50, 64), (100, 128)]

    /// Where everybody rebuilds the square, the proposer sends about four blocks however many members
    /// there are, and all members together two blocks to each, one of them parity; in peace nobody asks
    /// for anything.
    @Test(arguments: sizes)
    func wholeSquares(members: Int, width: Int) throws {
        let (network, block) = try Self.inPeace(members, width, .everySquare)
        #expect(network.certified.allSatisfy { $0 != nil })
        let sent = network.sentMessageBytes
        let relayed = sent[1...].reduce(0, +)
        Self.tell("whole", members, width, sent, block)
        // 2k rows of k shares to two members each, and less than 2 % for their frames.
        #expect(sent[0] <= 4 * block + 4 * block / 50)
        #expect(sent[0] >= 4 * block - 4 * block / 50)
        // Each row goes to all members but its sender and the proposer.
        #expect(relayed <= 2 * (members - 2) * (block + block / 50))
        #expect(relayed >= 2 * (members - 2) * block)
    }

    /// Where members hold their custody only, columns travel as rows do: eight blocks leave the
    /// proposer, and what each other member sends shrinks with their number.
    @Test(arguments: [(50, 64), (100, 128)])
    func custody(members: Int, width: Int) throws {
        let (network, block) = try Self.inPeace(members, width, AvailabilityRule(wholeWidthMax: 8))
        let sent = network.sentMessageBytes
        let relayed = sent[1...].reduce(0, +)
        #expect(network.subject.profile == .custody)
        Self.tell("custody", members, width, sent, block)
        #expect(sent[0] <= 8 * block + 8 * block / 50)
        // Each line goes from its first holder to three more.
        #expect(relayed <= 12 * (block + block / 50))
    }

    private static func inPeace(
        _ members: Int, _ width: Int, _ rule: AvailabilityRule
    ) throws -> (AttestationNetwork, block: Int) {
        let square = try AttestationMachineTests.square(width)
        var network = try AttestationNetwork(square: square, members: members, rule: rule)
        for line in VerifiedHalfLine.all(of: square.square) { network.known[line.line] = line }
        network.propose(square.square)
        network.run(milliseconds: 100)
        return (network, width * width * Share.sizeBytes)
    }

    private static func tell(
        _ profile: String, _ members: Int, _ width: Int, _ sent: [Int], _ block: Int
    ) {
        func blocks(_ bytes: Int) -> String {
            let hundredths = (100 * bytes + block / 2) / block
            let rest = hundredths % 100
            return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
        }
        let others = sent[1...]
        print(
            "egress \(profile), n = \(members), k = \(width): proposer \(blocks(sent[0])) blocks, "
                + "other members \(blocks(others.reduce(0, +) / others.count)) on average, "
                + "\(blocks(others.max() ?? 0)) at most")
    }
}
