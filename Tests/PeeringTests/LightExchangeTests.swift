// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Peering
import Testing

/// The two protocols of light nodes, over a recorded chain.
@Suite struct LightExchangeTests {
    private static let chain = Result { try RecordedChain("k2") }

    // MARK: sampling-header

    /// Headers come without roots and, where it is known, without the set; they are sound again.
    @Test(arguments: RecordedChain.names)
    func headersAreWhole(name: String) throws {
        let chain = try RecordedChain(name)
        let set = chain.decoded[0].validatorSet
        let request = SamplingHeaderRequest(
            .origin(1, amount: 3), knownSet: set.hash)
        let bytes = SamplingHeaderExchange.encodeAnswer(chain.decoded, knownSet: set.hash)
        #expect(bytes.count < HeaderExchange.encodeAnswer(chain.decoded).count)
        guard
            case .headers(let headers) = try SamplingHeaderExchange.decodeAnswer(
                bytes, to: request)
        else {
            Issue.record("no headers")
            return
        }
        #expect(headers.count == 3)
        for (header, original) in zip(headers, chain.decoded) {
            #expect(header.validatorSet == nil)
            let resolved = try header.resolve(known: original.validatorSet)
            try resolved.validate()
            #expect(resolved == ChainHeader(original).withoutRoots)
            #expect(throws: HeaderFault.self) { try header.resolve(known: nil) }
        }
        let full = SamplingHeaderExchange.encodeAnswer(chain.decoded, knownSet: nil)
        guard
            case .headers(let first) = try SamplingHeaderExchange.decodeAnswer(full, to: request)
        else {
            Issue.record("no headers")
            return
        }
        #expect(first.map { $0.validatorSet != nil } == [true, false, false])
        #expect(full.count - bytes.count > set.protobuf.count)
    }

    /// No flipped bit of a header makes another header, set or commit that passes.
    @Test func everyBitOfAHeaderMatters() throws {
        let original = try Self.chain.get().decoded[0]
        let request = SamplingHeaderRequest(.origin(1, amount: 1))
        let bytes = SamplingHeaderExchange.encodeAnswer([original], knownSet: nil)
        for bit in 0..<8 * bytes.count {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            let verdict = Result { () throws -> ChainHeader? in
                guard
                    case .headers(let found) = try SamplingHeaderExchange.decodeAnswer(
                        flipped, to: request), found.count == 1
                else { return nil }
                let header = try found[0].resolve(known: nil)
                try header.validate()
                return header
            }
            guard case .success(.some(let header)) = verdict else { continue }
            // What no hash covers and no rule asks for: whose turn a set says it is, and the votes
            // beside those that make more than two thirds.
            var untouched: Int64 = 0
            for (place, vote) in header.commit.signatures.enumerated()
            where vote == original.commit.signatures[place] {
                untouched += original.validatorSet.validators[place].votingPower
            }
            let isSame =
                header.hash == original.hash
                && header.commit.blockID == original.commit.blockID
                && 3 * untouched > 2 * original.validatorSet.totalVotingPower
                && header.validatorSet.hash == original.validatorSet.hash
                && header.width == original.dataAvailabilityHeader.width
            #expect(isSame, "bit \(bit)")
        }
    }

    /// Every bit of an answer with roots, and of one with news, is in its place.
    @Test func everyBitOfRootsMatters() throws {
        let roots = try Self.chain.get().decoded[0].dataAvailabilityHeader
        let lines = [AxisLine(.row, 0), AxisLine(.row, 3), AxisLine(.column, 2)]
        let request = SamplingHeaderRequest(.roots(height: 1, lines))
        let bytes = SamplingHeaderExchange.encodeRoots(lines, of: roots)
        func verify(_ bytes: [UInt8]) throws -> [AxisLine] {
            guard
                case .roots(let found) = try SamplingHeaderExchange.decodeAnswer(
                    bytes, to: request)
            else { return [] }
            return try found.map { try $0.verify(dataRoot: roots.dataRoot).line }
        }
        #expect(try verify(bytes) == lines)
        for bit in 0..<8 * bytes.count {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            let isTaken = (try? verify(flipped)) == lines
            #expect(!isTaken, "bit \(bit)")
        }
        #expect(
            SamplingHeaderExchange.encodeRoots([AxisLine(.row, 4)], of: roots)
                == SamplingHeaderExchange.notFound)
        let news = SamplingHeaderExchange.encodeNews(height: 9, hash: roots.dataRoot)
        #expect(
            try SamplingHeaderExchange.decodeAnswer(news, to: SamplingHeaderRequest(.news))
                == .news(height: 9, hash: roots.dataRoot))
        #expect(news.count <= SamplingHeaderExchange.answerLimit(SamplingHeaderRequest(.news)))
    }

    /// One question has one form; what is out of bounds, doubled or out of order is refused.
    @Test func questionsHaveOneForm() throws {
        let hash = Bytes32(repeating: 5)
        let lines = (0..<32).flatMap { [AxisLine(.row, $0), AxisLine(.column, 1_023 - $0)] }
        let subjects: [SamplingHeaderRequest.Subject] = [
            .news, .origin(0, amount: 1), .origin(7, amount: 64), .hash(hash),
            .roots(height: .max, lines.sorted()), .roots(height: 1, [AxisLine(.column, 0)]),
        ]
        for subject in subjects {
            for known in [nil, hash] {
                let request = SamplingHeaderRequest(subject, knownSet: known)
                let bytes = request.encode()
                #expect(bytes.count <= SamplingHeaderExchange.requestLimit)
                #expect(try SamplingHeaderRequest(decoding: bytes) == request)
                for end in 0..<bytes.count {
                    #expect(throws: DecodeFault.self) {
                        try SamplingHeaderRequest(decoding: Array(bytes[..<end]))
                    }
                }
                #expect(throws: DecodeFault.self) {
                    try SamplingHeaderRequest(decoding: bytes + [0])
                }
            }
        }
        let wrong: [[UInt8]] = [
            [0], [4, 0x08, 1, 0x18, 65], [2, 0x08, 1], [2, 0x18, 1],
            [5, 0x08, 1, 0x2a, 1, 0xff], [6, 0x08, 1, 0x2a, 2, 3, 3],
            [6, 0x08, 1, 0x2a, 2, 3, 2], [5, 0x08, 1, 0x38, 1, 0x18],
        ]
        for bytes in wrong {
            #expect(throws: DecodeFault.self, "\(bytes)") {
                try SamplingHeaderRequest(decoding: bytes)
            }
        }
    }

    // MARK: sample-many

    /// Every place of small squares is answered, in order, each root once, and holds.
    @Test(arguments: RecordedChain.names)
    func everyPlaceIsAnswered(name: String) throws {
        let chain = try RecordedChain(name)
        for square in chain.squares {
            let width = square.header.width
            let all = (0..<width * width).map { Coordinate(row: $0 / width, column: $0 % width) }
            for start in stride(from: 0, to: all.count, by: 64) {
                let places = Array(all[start..<min(start + 64, all.count)])
                let request = SampleManyRequest(height: 1, wantsRoots: true, coordinates: places)
                #expect(try SampleManyRequest(decoding: request.encode()) == request)
                let bytes = SampleManyExchange.encodeAnswer(to: request, from: square)
                #expect(bytes.count <= SampleManyExchange.answerLimit(request))
                var roots = KnownRoots(dataRoot: square.header.dataRoot, width: width)
                let found = try Self.verify(bytes, request, &roots)
                #expect(found.compactMap { $0?.coordinate } == places)
                #expect(roots.count == Set(places.map(\.row)).count)
                var all = KnownRoots(square.header)
                let plain = SampleManyRequest(height: 1, wantsRoots: false, coordinates: places)
                let less = SampleManyExchange.encodeAnswer(to: plain, from: square)
                #expect(less.count < bytes.count)
                #expect(try Self.verify(less, plain, &all) == found)
            }
        }
    }

    /// What is not there is said for each place; a place outside is not there.
    @Test func whatIsMissingIsSaid() throws {
        let square = try Self.chain.get().squares[0]
        let places = [(0, 0), (9, 0), (1, 1)].map { Coordinate(row: $0.0, column: $0.1) }
        let request = SampleManyRequest(height: 1, wantsRoots: true, coordinates: places)
        var roots = KnownRoots(dataRoot: square.header.dataRoot, width: square.header.width)
        let bytes = SampleManyExchange.encodeAnswer(to: request, from: square)
        let found = try Self.verify(bytes, request, &roots)
        #expect(found.map { $0?.coordinate } == [places[0], nil, places[2]])
        let nothing = SampleManyExchange.encodeNotFound(request)
        #expect(try Self.verify(nothing, request, &roots) == [nil, nil, nil])
        #expect(throws: DecodeFault.self) {
            try SampleManyExchange.decodeAnswer(
                nothing + SampleManyExchange.notFound, to: request)
        }
        #expect(throws: DecodeFault.self) {
            try SampleManyExchange.decodeAnswer(Array(nothing.dropLast(3)), to: request)
        }
    }

    /// Every flipped bit of an answer is found out.
    @Test func everyBitOfSamplesMatters() throws {
        let square = try Self.chain.get().squares[0]
        let places = [(0, 1), (0, 2), (3, 0)].map { Coordinate(row: $0.0, column: $0.1) }
        let request = SampleManyRequest(height: 1, wantsRoots: true, coordinates: places)
        let bytes = SampleManyExchange.encodeAnswer(to: request, from: square)
        for bit in 0..<8 * bytes.count {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            var roots = KnownRoots(dataRoot: square.header.dataRoot, width: square.header.width)
            let verdict = Result { try Self.verify(flipped, request, &roots) }
            guard case .success(let found) = verdict else { continue }
            #expect(found.contains(nil), "bit \(bit) does not matter")
        }
    }

    /// Questions out of bounds are refused.
    @Test func questionsAreBound() throws {
        let places = (0..<64).map { Coordinate(row: $0, column: 1_023 - $0) }
        let bytes = SampleManyRequest(height: 3, wantsRoots: true, coordinates: places).encode()
        #expect(bytes.count == SampleManyExchange.requestLimit)
        _ = try SampleManyRequest(decoding: bytes)
        let head: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 3, 1]
        let wrong: [[UInt8]] = [
            bytes + [0, 9, 0, 9], [], Array(head[..<8]), head, head + [0, 1],
            [UInt8](repeating: 0, count: 9) + [0, 0, 0, 0],
            Array(head[..<8]) + [2, 0, 0, 0, 0], head + [4, 0, 0, 0],
            head + [0, 1, 0, 1, 0, 1, 0, 1],
        ]
        for bytes in wrong {
            #expect(throws: DecodeFault.self, "\(bytes)") {
                try SampleManyRequest(decoding: bytes)
            }
        }
    }

    private static func verify(
        _ bytes: [UInt8], _ request: SampleManyRequest, _ roots: inout KnownRoots
    ) throws -> [VerifiedSample?] {
        try zip(
            request.coordinates, try SampleManyExchange.decodeAnswer(bytes, to: request)
        ).map { place, answer in
            guard case .found(let sample, let root) = answer else { return nil }
            if let root { try roots.insert(try root.verify(dataRoot: roots.dataRoot)) }
            return try sample.verify(at: place, against: roots)
        }
    }
}
