// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering

/// Answers to light nodes: headers without their roots, and the samples of a block together.
extension Node {
    /// Takes a question of one of the two protocols for light nodes; returns whether it was one.
    mutating func servedLightNode(
        _ inbound: InboundNumber, _ name: String, _ bytes: [UInt8],
        into effects: inout [RoleEffect]
    ) -> Bool {
        do throws(DecodeFault) {
            switch name {
            case SamplingHeaderExchange.protocolID(network: configuration.network):
                try serveSamplingHeader(
                    inbound, try SamplingHeaderRequest(decoding: bytes), into: &effects)
            case SampleManyExchange.protocolID(network: configuration.network):
                serveSamples(inbound, try SampleManyRequest(decoding: bytes), into: &effects)
            default: return false
            }
        } catch {
            reset(inbound)
        }
        return true
    }

    private mutating func serveSamplingHeader(
        _ inbound: InboundNumber, _ request: SamplingHeaderRequest,
        into effects: inout [RoleEffect]
    ) throws(DecodeFault) {
        let query: LoadQuery
        switch request.subject {
        case .news:
            reply(
                inbound,
                chain.head.map {
                    SamplingHeaderExchange.encodeNews(height: $0.height.value, hash: $0.hash)
                } ?? SamplingHeaderExchange.notFound)
            return
        case .origin(0, _):
            reply(inbound, Self.answer(request, with: chain.head.map { [$0] } ?? []))
            return
        case .origin(let from, let amount):
            if amount == 1, let header = chain.recentHeader(from) {
                reply(inbound, Self.answer(request, with: [header]))
                return
            }
            query = .headers(from: from, count: amount)
        case .hash(let hash): query = .headerByHash(hash)
        case .roots(let height, _):
            if let header = chain.recentHeader(height) {
                reply(inbound, Self.answer(request, with: [header]))
                return
            }
            query = .header(height)
        }
        let ticket = ticket()
        loads[ticket] = .serveSamplingHeader(inbound, request)
        effects.append(.load(ticket, query))
    }

    mutating func serveLoadedSamplingHeader(
        _ inbound: InboundNumber, _ request: SamplingHeaderRequest, _ value: LoadedValue,
        into effects: inout [RoleEffect]
    ) {
        let found: [ChainHeader] =
            switch value {
            case .header(let header): [header]
            case .headers(let headers): headers
            default: []
            }
        reply(inbound, Self.answer(request, with: found))
        effects.append(.report(.counted("served.sampling-header", 1)))
    }

    private static func answer(
        _ request: SamplingHeaderRequest, with headers: [ChainHeader]
    ) -> [UInt8] {
        if case .roots(_, let lines) = request.subject {
            guard let roots = headers.first?.roots else { return SamplingHeaderExchange.notFound }
            return SamplingHeaderExchange.encodeRoots(lines, of: roots)
        }
        return SamplingHeaderExchange.encodeAnswer(
            headers.prefix(Int(request.amount)).compactMap(\.extended),
            knownSet: request.knownSet)
    }

    private mutating func serveSamples(
        _ inbound: InboundNumber, _ request: SampleManyRequest, into effects: inout [RoleEffect]
    ) {
        guard chain.squares.contains(request.height) else {
            reply(inbound, SampleManyExchange.encodeNotFound(request))
            return
        }
        if servingMisbehavior(at: request.height) != nil {
            return misserve(inbound, request, into: &effects)
        }
        sampleAnswers[inbound] = SampleAnswer(request: request)
        readSamples(inbound, into: &effects)
    }

    /// Reads the next samples of an answer, when few of its bytes wait to be sent.
    mutating func readSamples(_ inbound: InboundNumber, into effects: inout [RoleEffect]) {
        guard let answer = sampleAnswers[inbound], !answer.isReading,
            peerHost.hasRoom(inbound, waiting: SampleManyExchange.bytesWaiting)
        else { return }
        sampleAnswers[inbound]?.isReading = true
        let ticket = ticket()
        loads[ticket] = .serveSamples(inbound)
        effects.append(.load(ticket, .samples(answer.request, answer.nextPlaces)))
    }

    mutating func serveLoadedSamples(
        _ inbound: InboundNumber, _ value: LoadedValue, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let answer = sampleAnswers[inbound] else { return }
        let request = answer.request
        guard case .piece(let bytes) = value else {
            sampleAnswers[inbound] = nil
            if case .damaged(let reason) = value {
                lostSquare(request.height, reason, at: now, into: &effects)
            }
            let rest = SampleManyExchange.encodeNotFound(request, from: answer.next)
            peerHost.answer(inbound, rest, isLast: true)
            return
        }
        let end = answer.nextPlaces.upperBound
        let isLast = end == request.coordinates.count
        peerHost.answer(inbound, bytes, isLast: isLast)
        sampleAnswers[inbound] =
            isLast ? nil : SampleAnswer(request: request, next: end)
        if isLast { effects.append(.report(.counted("served.sample-many", 1))) }
        readSamples(inbound, into: &effects)
    }
}

/// An answer to a light node while its samples are read.
struct SampleAnswer {
    let request: SampleManyRequest
    /// The first place whose sample was not sent.
    var next = 0
    var isReading = false

    /// The places whose samples are read next.
    var nextPlaces: Range<Int> {
        next..<min(next + SampleManyExchange.samplesAtOnce, request.coordinates.count)
    }
}
