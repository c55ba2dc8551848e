// SPDX-License-Identifier: Apache-2.0

import Availability
import DataSquare
import Machinery
import TestSupport
import Testing

/// How the pieces of a square are collected, told as scripts, and with peers that hold what they like.
@Suite struct RepairMachineTests {
    /// Each story's effects are exactly those of its script.
    @Test(
        arguments: [
            "repair-rows", "repair-refused", "repair-shares", "repair-liar", "repair-nothing",
        ])
    func script(name: String) throws {
        var machine = RepairMachine(width: 2)
        try GoldenScript(name).run { command in
            let words = command.split(separator: " ").map(String.init)
            if words[0] == "width" {
                machine = RepairMachine(width: try #require(Int(words[1])))
            }
            var effects: [RepairMachine.Effect] = []
            machine.handle(try Self.event(words), at: Instant(nanoseconds: 0), into: &effects)
            return effects.map(\.description)
        }
    }

    private static func event(_ words: [String]) throws -> RepairMachine.Event {
        switch words[0] {
        case "width": return .peersChanged(words[3...].map { Peer($0) })
        case "row": return .rowCame(try #require(Int(words[1])), by: Peer(words[2]))
        case "refused-row": return .rowRefused(try #require(Int(words[1])), by: Peer(words[2]))
        case "lied-row": return .lied(by: Peer(words[2]), .row(try #require(Int(words[1]))))
        case "share": return .shareCame(try place(words[1]), by: Peer(words[2]))
        case "refused-share": return .shareRefused(try place(words[1]), by: Peer(words[2]))
        default: throw JSONTreeFault(description: "unknown command \(words[0])")
        }
    }

    private static func place(_ text: String) throws -> Coordinate {
        let parts = text.split(separator: ",").compactMap { Int($0) }
        return Coordinate(row: try #require(parts.first), column: try #require(parts.last))
    }

    /// Every division of the rows of a small square among three peers: repaired exactly when half of
    /// the rows exist anywhere, with no more requests than rows times peers.
    @Test func everyDivisionOfFourRows() {
        let peers = ["ada", "bob", "eve"].map { Peer($0) }
        for division in 0..<(8 * 8 * 8 * 8) {
            let holders = (0..<4).map { division >> (3 * $0) & 7 }
            var machine = RepairMachine(width: 4)
            let (end, requests) = Self.run(&machine, peers) { piece, peer in
                guard case .row(let row) = piece else { return false }
                return holders[row] >> (peers.firstIndex(of: peer) ?? 0) & 1 == 1
            }
            let existing = holders.count { $0 != 0 }
            #expect(end == (existing > 0 ? .repair : .giveUp))
            #expect((machine.rowCount >= 2) == (existing >= 2))
            #expect(requests <= 4 * 3 + 16 * 3)
        }
    }

    /// A peer that has an eighth of the rows, wherever, is found before it counts as having none.
    @Test func anEighthIsFound() {
        for start in stride(from: 0, to: 128, by: 8) {
            var machine = RepairMachine(width: 128)
            let peers = [Peer("empty"), Peer("part"), Peer("rest")]
            let (end, requests) = Self.run(&machine, peers) { piece, peer in
                guard case .row(let row) = piece else { return false }
                let isPart = (start..<start + 16).contains(row)
                return switch peer.name {
                case "part": isPart
                case "rest": !isPart && row % 2 == 0
                default: false
                }
            }
            #expect(end == .repair)
            #expect(machine.rowCount >= 64)
            #expect(requests < 128 * 3)
        }
    }

    /// Shares scattered so that every row has half of them are enough, though no row is whole.
    @Test func scatteredShares() {
        var machine = RepairMachine(width: 8)
        let (end, _) = Self.run(&machine, [Peer("ada"), Peer("bob")]) { piece, peer in
            guard case .share(let place) = piece else { return false }
            return (place.row + place.column) % 4 == (peer.name == "ada" ? 0 : 1)
        }
        #expect(end == .repair)
        #expect(machine.rowCount == 4)
    }

    /// Plays all requests until the end, which must come.
    private static func run(
        _ machine: inout RepairMachine, _ peers: [Peer],
        _ has: (RepairMachine.Piece, Peer) -> Bool
    ) -> (RepairMachine.Effect?, Int) {
        var queue: [RepairMachine.Event] = [.peersChanged(peers)]
        var requests = 0
        while !queue.isEmpty {
            var effects: [RepairMachine.Effect] = []
            machine.handle(queue.removeFirst(), at: Instant(nanoseconds: 0), into: &effects)
            for effect in effects {
                switch effect {
                case .request(.row(let row), let peer):
                    requests += 1
                    queue.append(
                        has(.row(row), peer)
                            ? .rowCame(row, by: peer) : .rowRefused(row, by: peer))
                case .request(.share(let place), let peer):
                    requests += 1
                    queue.append(
                        has(.share(place), peer)
                            ? .shareCame(place, by: peer) : .shareRefused(place, by: peer))
                case .penalize: break
                case .repair, .giveUp: return (effect, requests)
                }
            }
        }
        return (nil, requests)
    }
}
