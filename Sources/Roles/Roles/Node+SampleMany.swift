// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Machinery
internal import Peering

/// Asking for samples: together where a peer can give them so, else one by one by shrex.
extension Node {
    mutating func requestSamples(
        _ height: UInt64, _ coordinates: [Coordinate], from peer: Peer, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let identifier = peers.identifier(of: peer),
            let index = sampling.running.firstIndex(where: { $0.height == height })
        else {
            tellSampling(height, .refused(coordinates, by: peer), now, &effects)
            return
        }
        let roots = sampling.running[index].roots
        let together = SampleManyExchange.protocolID(network: configuration.network)
        if peers.serves(identifier, together) {
            let request = SampleManyRequest(
                height: height, wantsRoots: roots.header == nil, coordinates: coordinates)
            let number = ask(
                together, of: identifier, bytes: request.encode(),
                answerLimit: SampleManyExchange.answerLimit(request), end: .messages,
                milliseconds: SamplingMachine.requestMilliseconds, at: now)
            requests[number] = .samples(request, identifier, taken: 0)
            return
        }
        for coordinate in coordinates {
            if roots.root(of: .row, coordinate.row) != nil,
                roots.root(of: .column, coordinate.column) != nil
            {
                requestSample(height, coordinate, roots, from: identifier, at: now)
            } else {
                sampling.running[index].waitingForRoots.append((coordinate, peer))
            }
        }
        fetchSampleRoots(height, at: now, into: &effects)
    }

    private mutating func requestSample(
        _ height: UInt64, _ coordinate: Coordinate, _ roots: KnownRoots,
        from identifier: PeerIdentifier, at now: Instant
    ) {
        request(
            .sample(SampleID(height: height, coordinate)), of: identifier, width: roots.width,
            purpose: .sample(height: height, coordinate, identifier),
            deadlineMilliseconds: SamplingMachine.requestMilliseconds, at: now)
    }

    // MARK: Answers

    /// Whole messages of an answer came: they count at once, whatever comes of the rest.
    mutating func samplesCame(
        _ number: RequestNumber, _ bytes: [UInt8], at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .samples(let request, let identifier, let taken)? = requests[number] else {
            return
        }
        let peer = Peer(identifier.text)
        let height = request.height
        let rest = request.coordinates[taken...]
        guard let index = sampling.running.firstIndex(where: { $0.height == height }) else {
            requests[number] = nil
            peerHost.cancel(number)
            return
        }
        let places: ArraySlice<Coordinate>
        let found: [VerifiedSample]
        do {
            let answers = try SampleManyExchange.decodeMessages(bytes, limit: rest.count)
            places = rest.prefix(answers.count)
            found = try Self.verify(answers, at: places, &sampling.running[index].roots)
        } catch {
            requests[number] = nil
            peerHost.cancel(number)
            tellSampling(height, .lied(Array(rest), by: peer), now, &effects)
            return
        }
        requests[number] = .samples(request, identifier, taken: taken + places.count)
        for sample in found {
            sampling.take(sample, of: height)
            let digest = SHA256.hash(sample.container.protobuf)
            tellSampling(
                height, .answered(sample.coordinate, by: peer, digest: digest), now, &effects)
        }
        let missing = places.filter { place in !found.contains { $0.coordinate == place } }
        if !missing.isEmpty {
            tellSampling(height, .refused(missing, by: peer), now, &effects)
        }
    }

    /// An answer is over: what it did not hold, the peer did not give.
    mutating func samplesAnswered(
        _ request: SampleManyRequest, by identifier: PeerIdentifier, taken: Int,
        _ answer: Result<[UInt8], RequestFault>, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let peer = Peer(identifier.text)
        let rest = Array(request.coordinates[taken...])
        switch answer {
        case .success(let bytes):
            // Exactly one message a place is an answer.
            if !rest.isEmpty || !bytes.isEmpty {
                tellSampling(request.height, .lied(rest, by: peer), now, &effects)
            }
        case .failure(let fault) where fault.isOverload:
            tellSampling(request.height, .busy(rest, by: peer), now, &effects)
        case .failure:
            tellSampling(request.height, .refused(rest, by: peer), now, &effects)
        }
    }

    /// What messages prove; one false word makes all of them a lie.
    private static func verify(
        _ answers: [UnverifiedSampleAnswer], at places: ArraySlice<Coordinate>,
        _ roots: inout KnownRoots
    ) throws -> [VerifiedSample] {
        var batch: [(sample: UnverifiedSample, coordinate: Coordinate)] = []
        for (place, answer) in zip(places, answers) {
            guard case .found(let sample, let root) = answer else { continue }
            if let root { try roots.insert(try root.verify(dataRoot: roots.dataRoot)) }
            batch.append((sample, place))
        }
        return try VerifiedSample.verify(batch: batch, against: roots).map { try $0.get() }
    }

    mutating func sampleAnswered(
        _ height: UInt64, _ coordinate: Coordinate, by identifier: PeerIdentifier,
        _ answer: Result<[UInt8], RequestFault>, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let peer = Peer(identifier.text)
        guard let roots = sampling.running.first(where: { $0.height == height })?.roots else {
            return
        }
        if case .failure(let fault) = answer, fault.isOverload {
            tellSampling(height, .busy([coordinate], by: peer), now, &effects)
            return
        }
        let id = SampleID(height: height, coordinate)
        switch shareAnswer(answer, of: .sample(id), roots: roots) {
        case .sample(let sample):
            sampling.take(sample, of: height)
            let digest = SHA256.hash(sample.container.protobuf)
            tellSampling(
                height, .answered(coordinate, by: peer, digest: digest), now, &effects)
        case .malformed:
            tellSampling(height, .lied([coordinate], by: peer), now, &effects)
        default:
            tellSampling(height, .refused([coordinate], by: peer), now, &effects)
        }
    }

    // MARK: Roots for peers that give none

    /// Asks for the roots that shares of peers without sample-many will be verified under.
    ///
    /// A node of ours is asked for just those lines, both of each place, since a peer may prove by
    /// either; where there is none, anybody is asked for all roots.
    private mutating func fetchSampleRoots(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = sampling.running.firstIndex(where: { $0.height == height }),
            !sampling.running[index].waitingForRoots.isEmpty,
            !sampling.running[index].isFetchingRoots
        else { return }
        sampling.running[index].isFetchingRoots = true
        let name = SamplingHeaderExchange.protocolID(network: configuration.network)
        let helpers = peers.serving(name).map(\.identifier)
        guard let helper = entropy.shuffled(helpers).first else {
            fetchRoots(
                of: [sampling.running[index].header], for: .sampling(height), at: now,
                into: &effects)
            return
        }
        var lines: [AxisLine] = []
        for (place, _) in sampling.running[index].waitingForRoots {
            for line in [AxisLine(.row, place.row), AxisLine(.column, place.column)]
            where !lines.contains(line) && lines.count < SamplingHeaderExchange.linesMax {
                lines.append(line)
            }
        }
        let request = SamplingHeaderRequest(.roots(height: height, lines.sorted()))
        let number = ask(
            name, of: helper, bytes: request.encode(),
            answerLimit: SamplingHeaderExchange.answerLimit(request),
            milliseconds: SamplingMachine.requestMilliseconds, at: now)
        requests[number] = .sampleRoots(request, height: height, helper)
    }

    mutating func sampleRootsAnswered(
        _ request: SamplingHeaderRequest, height: UInt64, by helper: PeerIdentifier,
        _ answer: Result<[UInt8], RequestFault>, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = sampling.running.firstIndex(where: { $0.height == height }) else {
            return
        }
        do {
            if case .roots(let roots) = try SamplingHeaderExchange.decodeAnswer(
                try answer.get(), to: request)
            {
                for root in roots {
                    let dataRoot = sampling.running[index].roots.dataRoot
                    try sampling.running[index].roots.insert(try root.verify(dataRoot: dataRoot))
                }
            }
        } catch is RequestFault {
            // Slow or gone is no lie.
        } catch {
            penalize(
                Peer(helper.text), "gave roots that are not those of height \(height)", at: now,
                into: &effects)
        }
        askWithRoots(height, at: now, into: &effects)
    }

    /// All roots of a block that is being sampled came, or nobody gave them.
    mutating func sampleRootsFound(
        _ height: UInt64, _ roots: DataAvailabilityHeader?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let index = sampling.running.firstIndex(where: { $0.height == height }) else {
            return
        }
        if let roots { sampling.running[index].roots = KnownRoots(roots) }
        askWithRoots(height, at: now, into: &effects)
    }

    private mutating func askWithRoots(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = sampling.running.firstIndex(where: { $0.height == height }) else {
            return
        }
        sampling.running[index].isFetchingRoots = false
        let waiting = sampling.running[index].waitingForRoots
        sampling.running[index].waitingForRoots = []
        let roots = sampling.running[index].roots
        for (coordinate, peer) in waiting {
            if let identifier = peers.identifier(of: peer),
                roots.root(of: .row, coordinate.row) != nil
            {
                requestSample(height, coordinate, roots, from: identifier, at: now)
            } else {
                tellSampling(height, .refused([coordinate], by: peer), now, &effects)
            }
        }
    }
}
