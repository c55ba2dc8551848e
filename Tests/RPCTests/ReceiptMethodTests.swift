// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Chain
import Cryptography
import DataSquare
import Machinery
import RPC
import Roles
import Testing

/// `das.Receipts`, `das.Confidence` and `das.ExportReceipt`.
@Suite struct ReceiptMethodTests {
    private let it: MethodHarness

    init() throws {
        it = try MethodHarness()
        _ = try it.submit([(it.mine, it.data(9_000, "sampled"))])
        for height in 1...it.chain.height {
            it.chain.evidence.append(try Self.evidence(height, it.chain))
        }
    }

    /// What sampling of four answers leaves.
    private static func evidence(_ height: UInt64, _ chain: FakeChain) throws -> SamplingEvidence {
        let square = chain.squares[Int(height) - 1]
        let roots = chain.headers[Int(height) - 1].dataAvailabilityHeader
        let prover = SquareProver(square: square, header: roots)
        let samples = (0..<4).map {
            prover.sample(at: Coordinate(row: $0 % 2, column: $0 / 2), axis: .row)
        }
        return SamplingEvidence(
            record: SamplingRecord(
                height: height, width: roots.width, wanted: 4, isAvailable: true,
                receipts: samples.enumerated().map {
                    SampleReceipt(
                        coordinate: $1.coordinate, peer: Peer("peer-\($0 % 2)"),
                        digest: SHA256.hash($1.container.protobuf))
                },
                confidencePartsPerMillion: SamplingConfidence.partsPerMillion(
                    width: roots.width, samples: 4)),
            samples: samples.map(\.container.protobuf))
    }

    /// The newest verdicts come with answers, peers, digests and the assumption.
    @Test func receipts() throws {
        let answer = try it.result("das.Receipts", "[10]")
        #expect(answer.member("assumption")?.text == SamplingReceipt.assumption)
        let blocks = try #require(answer.member("blocks")?.elements)
        #expect(blocks.count == Int(it.chain.height))
        let last = try #require(blocks.last)
        #expect(last.member("height")?.integer(UInt64.self) == it.chain.height)
        #expect(last.member("wanted")?.integer(Int.self) == 4)
        #expect(last.member("came")?.integer(Int.self) == 4)
        let samples = try #require(last.member("samples")?.elements)
        #expect(
            samples.map { $0.member("peer")?.text } == ["peer-0", "peer-1", "peer-0", "peer-1"])
        #expect(try it.result("das.Receipts", "[1]").member("blocks")?.elements?.count == 1)
        for count in [-1, 0, 1_025] {
            #expect(try it.failure("das.Receipts", "[\(count)]").contains("from 1 to 1024"))
        }
    }

    /// One height's confidence is the one that the law gives, with its assumption beside it.
    @Test func confidence() throws {
        let answer = try it.result("das.Confidence", "[2]")
        let width = it.chain.headers[1].dataAvailabilityHeader.width
        #expect(
            answer.member("confidence_ppm")?.integer(Int.self)
                == SamplingConfidence.partsPerMillion(width: width, samples: 4))
        #expect(answer.member("assumption")?.text == SamplingReceipt.assumption)
        #expect(try it.failure("das.Confidence", "[99]").contains("height 99"))
    }

    /// An exported receipt holds under the chain's header; damaged samples are not handed out.
    @Test func export() throws {
        let answer = try it.result("das.ExportReceipt", "[2]")
        let receipt = try SamplingReceiptJSON.decode(answer)
        try receipt.verify(trusting: it.chain.headers[1].hash)
        #expect(receipt.answers.count == 4)
        let good = it.chain.evidence[1]
        it.chain.evidence[1] = SamplingEvidence(
            record: good.record, samples: good.samples.reversed())
        #expect(try it.failure("das.ExportReceipt", "[2]").contains("the samples of height 2"))
        #expect(try it.failure("das.ExportReceipt", "[99]").contains("height 99"))
    }

    /// Reading receipts needs the right to read.
    @Test func permission() {
        for method in ["das.Receipts", "das.Confidence", "das.ExportReceipt"] {
            let node = ScriptedNode()
            let client = Client(node.make(.tokens(secret: Array(repeating: 1, count: 32))))
            #expect(client.call(method, "[1]").1.contains("need 'read'"))
            #expect(node.asked.isEmpty)
        }
    }
}
