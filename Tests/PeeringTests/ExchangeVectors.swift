// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Machinery
import Peering
import TestSupport
import Testing

/// Traffic of Celestia's own code: header exchange and share exchange over two small chains.
@Suite struct ExchangeVectors {
    static let chains = RecordedChain.names

    /// The question that a recorded exchange asks, in the form that we would ask it in.
    private static func question(_ exchange: RecordedChain.Exchange) throws -> [UInt8]? {
        if exchange.isHeaderExchange {
            return try HeaderExchangeRequest(decoding: exchange.request).encode()
        }
        let kind = try #require(exchange.shareKind)
        return try ShareRequest(decoding: exchange.request, kind: kind).encode()
    }

    /// Our servers give the recorded answers byte for byte, and reset where they reset.
    @Test(arguments: chains)
    func serversAnswerByteEqual(name: String) throws {
        let chain = try RecordedChain(name)
        for exchange in chain.exchanges {
            let answer: ServerAnswer
            if exchange.isHeaderExchange {
                answer = HeaderServer.answer(exchange.request, from: chain)
            } else {
                let kind = try #require(exchange.shareKind)
                answer = ShareServer.answer(
                    exchange.request, kind: kind, square: chain.square(at:))
            }
            switch answer {
            case .bytes(let bytes): #expect(bytes == exchange.answer, "\(exchange.name)")
            case .reset(let code): #expect(code.rawValue == exchange.resetCode, "\(exchange.name)")
            }
        }
        print("vectors: \(name): \(chain.exchanges.count) answers of our servers")
    }

    /// Our clients ask the recorded questions byte for byte.
    @Test(arguments: chains)
    func clientsAskByteEqual(name: String) throws {
        let chain = try RecordedChain(name)
        for exchange in chain.exchanges where exchange.answer != nil {
            #expect(try Self.question(exchange) == exchange.request, "\(exchange.name)")
        }
    }

    /// Every recorded answer about shares verifies against the chain's header.
    @Test(arguments: chains)
    func shareAnswersVerify(name: String) throws {
        let chain = try RecordedChain(name)
        var count = 0
        for (exchange, request, answer) in try Self.shareExchanges(chain) {
            if let header = chain.square(at: request.height)?.header {
                let verified = try chain.verify(answer, to: request)
                #expect(answer.suffix(verified.count) == verified[...], "\(exchange.name)")
                #expect(
                    answer.count
                        <= ShareExchange.answerLimit(request.kind, width: header.width))
            } else {
                #expect(
                    try ShareExchange.decodeAnswer(answer, to: request, width: 4) == .notFound)
            }
            count += 1
        }
        print("vectors: \(name): \(count) answers about shares verified")
    }

    /// Every recorded answer about headers holds valid headers of the chain.
    @Test(arguments: chains)
    func headerAnswersVerify(name: String) throws {
        let chain = try RecordedChain(name)
        for (exchange, request, answer) in try Self.headerExchanges(chain) {
            if exchange.name.hasSuffix("unknown_hash") {
                #expect(try HeaderExchange.decodeAnswer(answer, amount: 1).isEmpty)
                continue
            }
            let headers = try HeaderExchange.decodeAnswer(answer, amount: request.amount)
            #expect(answer.count <= HeaderExchange.answerLimit(amount: request.amount))
            for header in headers {
                try header.validate()
                #expect(header.hash == chain.hashes[Int(header.height.value) - 1])
                #expect(chain.headers[Int(header.height.value) - 1] == header.protobuf)
            }
        }
    }

    /// An answer about shares with one bit flipped is refused: every bit of one answer of each kind
    /// that is short, three hundred seeded ones of all others.
    @Test(arguments: chains)
    func everyFlippedBitOfShareAnswersIsRefused(name: String) throws {
        let chain = try RecordedChain(name)
        var random = SeededGenerator(seed: Bytes32(repeating: 1))
        var count = 0
        for (exchange, request, answer) in try Self.shareExchanges(chain)
        where chain.square(at: request.height) != nil {
            let isWhole = ["k2/sample_0_0", "k2/nd_0", "k2/range_1_2"].contains(exchange.name)
            for bit in Self.bits(of: answer, isWhole, &random) {
                var flipped = answer
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(
                    throws: (any Error).self, "\(exchange.name), bit \(bit % 8) of \(bit / 8)"
                ) { try chain.verify(flipped, to: request) }
                count += 1
            }
        }
        print("vectors: \(name): \(count) flipped bits refused")
    }

    /// An answer about headers with one bit flipped is refused, or says the same.
    ///
    /// Only what the header's hash does not commit to may differ: proposer priorities, and votes
    /// beyond the two thirds that were needed.
    @Test(arguments: chains)
    func flippedBitsOfHeaderAnswersChangeNothing(name: String) throws {
        let chain = try RecordedChain(name)
        var random = SeededGenerator(seed: Bytes32(repeating: 2))
        var (refused, same) = (0, 0)
        for (exchange, request, answer) in try Self.headerExchanges(chain)
        where exchange.name.hasSuffix("hx_head") {
            for bit in Self.bits(of: answer, false, &random) {
                var flipped = answer
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                do {
                    let header = try #require(
                        HeaderExchange.decodeAnswer(flipped, amount: request.amount).first)
                    try header.validate()
                    let original = try #require(
                        HeaderExchange.decodeAnswer(answer, amount: request.amount).first)
                    #expect(header.hash == original.hash, "bit \(bit % 8) of \(bit / 8)")
                    #expect(header.dataAvailabilityHeader == original.dataAvailabilityHeader)
                    #expect(header.validatorSet.hash == original.validatorSet.hash)
                    same += 1
                } catch {
                    refused += 1
                }
            }
        }
        #expect(refused > same)
        print(
            "vectors: \(name): \(refused) flipped bits of headers refused, \(same) without effect")
    }

    private static func bits(
        of answer: [UInt8], _ isWhole: Bool, _ random: inout SeededGenerator
    ) -> [Int] {
        if isWhole { return Array(0..<answer.count * 8) }
        return (0..<300).map { _ in random.next(below: answer.count * 8) }
    }

    private static func shareExchanges(
        _ chain: RecordedChain
    ) throws -> [(RecordedChain.Exchange, ShareRequest, [UInt8])] {
        try chain.exchanges.compactMap { exchange in
            guard let kind = exchange.shareKind else { return nil }
            let answer = try #require(exchange.answer)
            return (exchange, try ShareRequest(decoding: exchange.request, kind: kind), answer)
        }
    }

    private static func headerExchanges(
        _ chain: RecordedChain
    ) throws -> [(RecordedChain.Exchange, HeaderExchangeRequest, [UInt8])] {
        try chain.exchanges.compactMap { exchange in
            guard exchange.isHeaderExchange, let answer = exchange.answer else { return nil }
            return (exchange, try HeaderExchangeRequest(decoding: exchange.request), answer)
        }
    }
}
