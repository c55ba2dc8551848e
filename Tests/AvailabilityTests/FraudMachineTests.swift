// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Cryptography
import DataSquare
import Machinery
import Testing

/// Who is to blame for a square that does not extend to its header's roots, and what proofs cost.
@Suite struct FraudMachineTests {
    private static let hash = SHA256.hash([7])

    private static func original(seed: UInt8, width: Int = 2) throws -> OriginalDataSquare {
        var bytes: [UInt8] = []
        for index in 0..<width * width {
            bytes += [UInt8](repeating: 0, count: 27) + [1, UInt8(index)]
            bytes += (0..<483).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) ^ seed }
        }
        return try OriginalDataSquare(width: width, bytes: bytes)
    }

    private static func block(_ square: CommittedSquare, height: UInt64 = 5) -> BlockRoots {
        BlockRoots(height: height, hash: hash, roots: square.header)
    }

    /// A machine whose questions are answered from the committed square, and whose jobs are done.
    private struct Bench {
        var machine = FraudMachine()
        let committed: CommittedSquare
        var log: [String] = []
        var proven: FraudRecord?
        var requests = 0
        /// Places that nobody gives.
        var withheld: Set<Coordinate> = []

        mutating func tell(_ event: FraudMachine.Event, at milliseconds: UInt64 = 0) {
            var effects: [FraudMachine.Effect] = []
            machine.handle(
                event, at: Instant(nanoseconds: milliseconds * 1_000_000), into: &effects)
            for effect in effects { perform(effect, at: milliseconds) }
        }

        private mutating func perform(_ effect: FraudMachine.Effect, at now: UInt64) {
            switch effect {
            case .request(let block, let place, let peer):
                requests += 1
                if withheld.contains(place) {
                    tell(.refused(height: block.height, place, by: peer), at: now)
                } else {
                    tell(.sampled(height: block.height, committed.sample(at: place)), at: now)
                }
            case .search(let block, let line, let samples):
                let proof = BadEncodingProof.make(
                    headerHash: block.hash.array, height: block.height, axis: line.axis,
                    index: line.index, samples: samples, header: block.roots)
                log.append("search \(line.axis) \(line.index)")
                tell(.searched(height: block.height, proof), at: now)
            case .recall(let height):
                tell(.recalled(height == 5 ? FraudMachineTests.block(committed) : nil), at: now)
            case .seek(let height, _, let peer): log.append("seek \(height) of \(peer)")
            case .verify(let proof, let block):
                let holds = (try? proof.verify(height: block.height, header: block.roots)) != nil
                tell(.verified(holds: holds), at: now)
            case .prove(let record):
                proven = record
                log.append("prove \(record.height)")
            case .judge(let verdict, _, let peer): log.append("\(verdict) of \(peer)")
            case .blame(_, let peer): log.append("blame \(peer)")
            case .leaveOpen: log.append("open")
            case .penalize(let peer, let reason): log.append("penalize \(peer): \(reason)")
            case .wake: break
            }
        }
    }

    private static func suspect(
        _ bench: inout Bench, _ sent: OriginalDataSquare
    ) throws {
        let extended = CommittedSquare(ExtendedDataSquare(extending: sent))
        let mismatch = try #require(SquareMismatch(extended, against: bench.committed.header))
        bench.tell(.peersChanged([Peer("ada"), Peer("bob")]))
        bench.tell(.suspected(block(bench.committed), mismatch, from: Peer("ada")))
    }

    /// Every single wrong share of an extension is proven, and no sender blamed for it: whichever of
    /// the 12 parity shares it is.
    @Test func everyWrongParityShareIsProven() throws {
        let data = try Self.original(seed: 1)
        let honest = ExtendedDataSquare(extending: data)
        for cell in 0..<16 where cell / 4 >= 2 || cell % 4 >= 2 {
            var bytes = honest.bytes
            bytes[cell * Share.sizeBytes + 100] ^= 1
            let square = CommittedSquare(try ExtendedDataSquare(width: 4, bytes: bytes))
            var bench = Bench(committed: square)
            try Self.suspect(&bench, data)
            let record = try #require(bench.proven, "cell \(cell): \(bench.log)")
            let proof = try BadEncodingProof(protobuf: record.proof)
            try proof.verify(height: 5, header: square.header)
            #expect(bench.log.last == "prove 5")
            #expect(!bench.log.contains { $0.hasPrefix("blame") })
        }
    }

    /// Whole parity lines that are codewords, but of other data than the rest.
    @Test func everyForeignParityLineIsProven() throws {
        let data = try Self.original(seed: 1)
        let honest = ExtendedDataSquare(extending: data)
        let other = ExtendedDataSquare(extending: try Self.original(seed: 9))
        for row in 2..<4 {
            var bytes = honest.bytes
            let places = row * 4 * Share.sizeBytes..<(row + 1) * 4 * Share.sizeBytes
            bytes.replaceSubrange(places, with: other.bytes[places])
            let square = CommittedSquare(try ExtendedDataSquare(width: 4, bytes: bytes))
            var bench = Bench(committed: square)
            try Self.suspect(&bench, data)
            #expect(bench.proven != nil, "row \(row): \(bench.log)")
        }
    }

    /// A peer that sends other data than the committed is blamed, and nothing is proven.
    @Test func liarIsBlamed() throws {
        let square = CommittedSquare(
            ExtendedDataSquare(extending: try Self.original(seed: 1)))
        var bench = Bench(committed: square)
        try Self.suspect(&bench, try Self.original(seed: 2))
        #expect(bench.proven == nil)
        #expect(bench.log.last == "blame ada")
    }

    /// Shares that are withheld are made up for by others of the line; with too few of them it stays
    /// open who is wrong.
    @Test func withheldSharesAreMadeUpFor() throws {
        let data = try Self.original(seed: 1)
        var bytes = ExtendedDataSquare(extending: data).bytes
        bytes[3 * Share.sizeBytes + 100] ^= 1
        let square = CommittedSquare(try ExtendedDataSquare(width: 4, bytes: bytes))
        var bench = Bench(committed: square)
        bench.withheld = [Coordinate(row: 0, column: 0), Coordinate(row: 0, column: 2)]
        try Self.suspect(&bench, data)
        bench.tell(.woke, at: 1_000)
        #expect(bench.proven != nil)
        var silent = Bench(committed: square)
        silent.withheld = Set((0..<16).map { Coordinate(row: $0 / 4, column: $0 % 4) })
        try Self.suspect(&silent, data)
        for second in 1...25 { silent.tell(.woke, at: UInt64(second) * 1_000) }
        #expect(silent.log == ["open"])
        #expect(silent.proven == nil)
    }

    /// A row that disagrees with the sidecar leads to columns, and those to a proof.
    @Test func alarmOfASidecarIsProven() throws {
        let honest = ExtendedDataSquare(extending: try Self.original(seed: 1))
        let other = ExtendedDataSquare(extending: try Self.original(seed: 9))
        for row in 0..<4 {
            var bytes = honest.bytes
            let places = row * 4 * Share.sizeBytes..<(row + 1) * 4 * Share.sizeBytes
            bytes.replaceSubrange(places, with: other.bytes[places])
            let square = CommittedSquare(try ExtendedDataSquare(width: 4, bytes: bytes))
            var bench = Bench(committed: square)
            bench.tell(.peersChanged([Peer("ada")]))
            bench.tell(
                .suspected(
                    Self.block(square), SquareMismatch(alarmedRow: row, width: 4), from: nil))
            #expect(bench.proven != nil, "row \(row): \(bench.log)")
        }
        var unproven = Bench(committed: CommittedSquare(honest))
        unproven.tell(.peersChanged([Peer("ada")]))
        unproven.tell(
            .suspected(
                Self.block(unproven.committed), SquareMismatch(alarmedRow: 1, width: 4), from: nil))
        #expect(unproven.proven == nil)
        #expect(unproven.log.last == "open")
    }

    /// Proofs of others: one that holds is believed, one that does not costs its sender, one about
    /// another block costs nothing, and what came once is not looked at again.
    @Test func proofsOfOthersAreJudged() throws {
        let data = try Self.original(seed: 1)
        var bytes = ExtendedDataSquare(extending: data).bytes
        bytes[3 * Share.sizeBytes + 100] ^= 1
        let square = CommittedSquare(try ExtendedDataSquare(width: 4, bytes: bytes))
        var prover = Bench(committed: square)
        try Self.suspect(&prover, data)
        let proof = try #require(prover.proven).proof

        var bench = Bench(committed: square)
        let ada = Peer("ada")
        bench.tell(.received([1, 2, 3], from: ada))
        #expect(bench.log.first == "reject of ada")
        #expect(bench.log.last?.hasPrefix("penalize ada: sent an undecodable proof") == true)
        bench.log = []
        bench.tell(
            .received([UInt8](repeating: 0, count: FraudMachine.proofSizeMax + 1), from: ada))
        #expect(bench.log.first == "reject of ada")

        let good = try BadEncodingProof(protobuf: proof)
        let elsewhere = BadEncodingProof(
            headerHash: good.headerHash, height: 6, shares: good.shares, index: good.index,
            axis: good.axis)
        let stranger = BadEncodingProof(
            headerHash: [1], height: 5, shares: good.shares, index: good.index, axis: good.axis)
        let unproven = BadEncodingProof(
            headerHash: good.headerHash, height: 5, shares: good.shares, index: good.index ^ 1,
            axis: good.axis)
        bench.log = []
        bench.tell(.received(elsewhere.protobuf, from: ada))
        bench.tell(.received(stranger.protobuf, from: ada))
        #expect(bench.log == ["ignore of ada", "ignore of ada"])
        bench.log = []
        bench.tell(.received(unproven.protobuf, from: ada))
        #expect(bench.log == ["reject of ada", "penalize ada: sent a false proof of fraud"])
        bench.log = []
        bench.tell(.received(proof, from: Peer("bob")))
        #expect(bench.log == ["accept of bob", "prove 5"])
        #expect(bench.machine.proven?.proof == proof)
        bench.log = []
        bench.tell(.received(proof, from: Peer("cyd")))
        #expect(bench.log == ["ignore of cyd"])
    }

    /// One proof of a peer waits at a time, and few in all; the rest costs no work.
    @Test func waitingProofsAreBounded() throws {
        let proof = BadEncodingProof(
            headerHash: Self.hash.array, height: 5, shares: [], index: 0, axis: .row)
        var machine = FraudMachine()
        var effects: [FraudMachine.Effect] = []
        let now = Instant(nanoseconds: 0)
        for number in 0..<40 {
            machine.handle(
                .received(proof.protobuf, from: Peer("p\(number / 2)")), at: now, into: &effects)
        }
        let ignored = effects.count {
            if case .judge(.ignore, _, _) = $0 { true } else { false }
        }
        // Of twenty peers one is being judged and eight wait.
        #expect(ignored == 40 - 1 - FraudMachine.waitingMax)
    }

    /// A proof that comes before its header is not passed on, but is judged when the header is there;
    /// of too many, those of the lowest blocks are kept, one of each peer.
    @Test func proofsMayOvertakeHeaders() throws {
        let extended = ExtendedDataSquare(extending: try Self.original(seed: 1))
        var bytes = extended.bytes
        bytes[15 * Share.sizeBytes + 100] ^= 1
        let committed = CommittedSquare(try ExtendedDataSquare(width: 4, bytes: bytes))
        let samples = (0..<4).map { committed.sample(at: Coordinate(row: 3, column: $0)) }
        let proof = try #require(
            BadEncodingProof.make(
                headerHash: Self.hash.array, height: 5, axis: .row, index: 3, samples: samples,
                header: committed.header))
        for strangers in [0, 3, 40] {
            var machine = FraudMachine()
            var recalled: [UInt64] = []
            var proven: FraudRecord?
            var head: UInt64 = 4
            func tell(_ event: FraudMachine.Event) {
                var effects: [FraudMachine.Effect] = []
                machine.handle(event, at: Instant(nanoseconds: 0), into: &effects)
                for effect in effects {
                    switch effect {
                    case .recall(let height):
                        recalled.append(height)
                        tell(.recalled(height <= head ? Self.block(committed) : nil))
                    case .verify(let proof, let block):
                        let holds =
                            (try? proof.verify(height: block.height, header: block.roots)) != nil
                        tell(.verified(holds: holds))
                    case .prove(let record): proven = record
                    case .judge(let verdict, _, _) where proven == nil:
                        #expect(verdict == (head == 4 ? .ignore : .accept))
                    default: break
                    }
                }
            }
            tell(.received(proof.protobuf, from: Peer("ada")))
            tell(.received(proof.protobuf, from: Peer("ada")))
            for number in 0..<strangers {
                let other = BadEncodingProof(
                    headerHash: Self.hash.array, height: 90 + UInt64(number), shares: [], index: 0,
                    axis: .row)
                tell(.received(other.protobuf, from: Peer("p\(number)")))
            }
            tell(.followed(upTo: 4))
            #expect(proven == nil)
            recalled = []
            head = 5
            tell(.followed(upTo: 5))
            #expect(recalled == [5], "with \(strangers) strangers")
            #expect(proven?.height == 5)
            recalled = []
            head = 1_000
            tell(.followed(upTo: 1_000))
            #expect(recalled.isEmpty, "what is above the proven block is forgotten")
        }
    }

    /// What is kept of a proof comes back.
    @Test func recordsComeBack() throws {
        let record = FraudRecord(height: 9, headerHash: Self.hash, proof: [1, 2, 3])
        #expect(try FraudRecord(decoding: record.encode()) == record)
        #expect(throws: DecodeFault.self) { try FraudRecord(decoding: [1, 2]) }
    }
}
