// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Machinery
internal import Peering
internal import Syncing

/// The conversation between the sampling schedule, one machine per block, and storage nodes.
extension Node {
    mutating func beginSampling(
        _ restored: RestoredState, at now: Instant, into effects: inout [RoleEffect]
    ) {
        var done = HeightRanges()
        if let bytes = restored.value(SamplingState.record) {
            do throws(DecodeFault) {
                done = try HeightRanges(decoding: bytes)
            } catch {
                effects.append(.report(.note("sampling starts over: \(error)")))
            }
        }
        var faults: [DecodeFault] = []
        sampling = SamplingState(
            schedule: SamplingSchedule(tail: max(1, chain.tail), sampled: done),
            shelf: SampleShelf(restored, faults: &faults))
        for fault in faults { effects.append(.report(.note("samples are lost: \(fault)"))) }
        sampling.schedule.headIs(chain.height)
    }

    /// Begins as many heights as may be sampled at once.
    mutating func sampleNext(at now: Instant, into effects: inout [RoleEffect]) {
        guard configuration.isSampling, chain.head != nil,
            let horizon = retention.sampling.horizon
        else { return }
        if let refusal = fraud.refusal { sampling.schedule.refuse(from: refusal.record.height) }
        sampling.schedule.setTail(max(chain.tail, horizon))
        sampling.schedule.headIs(chain.height)
        while let height = sampling.schedule.next(at: now) {
            if let header = chain.recentHeader(height) {
                begin(height, header.dataAvailabilityHeader, at: now, into: &effects)
            } else {
                let ticket = ticket()
                loads[ticket] = .sampleHeader(height)
                effects.append(.load(ticket, .header(height)))
            }
        }
        // What is due already waits for a place, which a conclusion frees: waking now would do so at
        // once, and again.
        if let due = sampling.schedule.nextDue, due > now { effects.append(.wake(at: due)) }
    }

    /// The header of a height to be sampled came from the store.
    mutating func sampleHeaderLoaded(
        _ height: UInt64, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value else {
            sampling.schedule.failed(height, at: now)
            sampleNext(at: now, into: &effects)
            return
        }
        begin(height, header.dataAvailabilityHeader, at: now, into: &effects)
    }

    private mutating func begin(
        _ height: UInt64, _ roots: DataAvailabilityHeader, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        var draw = entropy.fork()
        let coordinates = CoordinateChoice.draw(width: roots.width, with: &draw)
        sampling.running.append(SamplingState.Running(height: height, roots: roots))
        tellSampling(
            height, .began(coordinates: coordinates, peers: draw.shuffled(samplePeers)), now,
            &effects)
    }

    private mutating func tellSampling(
        _ height: UInt64, _ event: SamplingMachine.Event, _ now: Instant,
        _ effects: inout [RoleEffect]
    ) {
        guard let index = sampling.running.firstIndex(where: { $0.height == height }) else {
            return
        }
        let roots = sampling.running[index].roots
        var asked: [SamplingMachine.Effect] = []
        sampling.running[index].machine.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .request(let coordinate, let peer):
                requestSample(height, coordinate, roots, from: peer, at: now, into: &effects)
            case .wake(let moment):
                effects.append(.wake(at: moment))
            case .penalize(let peer):
                penalize(peer, "sent a sample with a false proof", at: now, into: &effects)
            case .conclude(let verdict, let receipts):
                conclude(height, verdict, receipts, width: roots.width, at: now, into: &effects)
            }
        }
    }

    private mutating func requestSample(
        _ height: UInt64, _ coordinate: Coordinate, _ roots: DataAvailabilityHeader,
        from peer: Peer, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let identifier = peers.identifier(of: peer) else {
            tellSampling(height, .refused(coordinate, by: peer), now, &effects)
            return
        }
        request(
            .sample(SampleID(height: height, coordinate)), of: identifier,
            roots: roots, purpose: .sample(height: height, coordinate, identifier, roots),
            deadlineMilliseconds: SamplingMachine.requestMilliseconds, at: now)
    }

    mutating func sampleAnswered(
        _ height: UInt64, _ coordinate: Coordinate, by identifier: PeerIdentifier,
        _ roots: DataAvailabilityHeader, _ answer: Result<[UInt8], RequestFault>,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        let peer = Peer(identifier.text)
        if case .failure(let fault) = answer, fault.isOverload {
            tellSampling(height, .busy(coordinate, by: peer), now, &effects)
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
            tellSampling(height, .lied(coordinate, by: peer), now, &effects)
        default:
            tellSampling(height, .refused(coordinate, by: peer), now, &effects)
        }
    }

    private mutating func conclude(
        _ height: UInt64, _ verdict: SamplingVerdict, _ receipts: [SampleReceipt], width: Int,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        let wanted = sampling.running.first { $0.height == height }?.machine.wanted ?? 0
        sampling.running.removeAll { $0.height == height }
        let isAvailable = verdict == .available
        let confidence =
            isAvailable
            ? SamplingConfidence.partsPerMillion(width: width, samples: receipts.count) : 0
        sampling.keep(
            SamplingRecord(
                height: height, width: width, wanted: wanted, isAvailable: isAvailable,
                receipts: receipts,
                confidencePartsPerMillion: confidence))
        if isAvailable {
            sampling.schedule.succeeded(height)
        } else {
            sampling.schedule.failed(height, at: now)
            effects.append(
                .report(.incident("height \(height): data withheld, \(receipts.count) came")))
        }
        saveSampling(into: &effects)
        effects.append(
            .report(
                .sampled(
                    height: height, isAvailable: isAvailable,
                    confidencePartsPerMillion: confidence)))
        sampleNext(at: now, into: &effects)
    }

    mutating func wakeSampling(at now: Instant, into effects: inout [RoleEffect]) {
        for height in sampling.running.map(\.height) {
            tellSampling(height, .woke, now, &effects)
        }
        sampleNext(at: now, into: &effects)
    }

    /// Other storage nodes can be asked from now on.
    mutating func samplePeersChanged(at now: Instant, into effects: inout [RoleEffect]) {
        for height in sampling.running.map(\.height) {
            tellSampling(height, .peersChanged(samplePeers), now, &effects)
        }
    }

    private var samplePeers: [Peer] {
        peers.serving(ShareExchange.protocolID(.sample, network: configuration.network))
            .map(\.handle)
    }

    /// One store at a time; what comes meanwhile is in the next.
    private mutating func saveSampling(into effects: inout [RoleEffect]) {
        guard !sampling.isSaving, !sampling.unsaved.isEmpty else { return }
        sampling.isSaving = true
        let ticket = ticket()
        stores[ticket] = .sampling
        effects.append(.store(ticket, .values(sampling.takeUnsaved())))
    }

    mutating func samplingStored(failure: String?, into effects: inout [RoleEffect]) {
        sampling.isSaving = false
        if let failure {
            effects.append(.report(.incident("sampling state was not stored: \(failure)")))
        }
        saveSampling(into: &effects)
    }
}
