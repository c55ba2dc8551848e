// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
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
        guard configuration.isSampling else { return }
        sampling.secret = restored.value(SamplingState.secretRecord).flatMap { Bytes32($0) }
        if sampling.secret == nil { storeSamplingSecret(into: &effects) }
    }

    /// Makes the secret that places are drawn from; nothing is sampled before it is on disk.
    private mutating func storeSamplingSecret(into effects: inout [RoleEffect]) {
        guard let secret = Bytes32(entropy.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        sampling.secretDue = nil
        let ticket = ticket()
        stores[ticket] = .samplingSecret(secret)
        effects.append(
            .store(ticket, .values([(SamplingState.secretRecord, secret.array)])))
    }

    mutating func samplingSecretStored(
        _ secret: Bytes32, failure: String?, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if let failure {
            let due = now.advanced(byMilliseconds: NodeLimits.storeAgainMilliseconds)
            sampling.secretDue = due
            effects.append(.report(.incident("sampling waits for the disk: \(failure)")))
            effects.append(.wake(at: due))
            return
        }
        sampling.secret = secret
        sampleNext(at: now, into: &effects)
    }

    /// Begins as many heights as may be sampled at once.
    mutating func sampleNext(at now: Instant, into effects: inout [RoleEffect]) {
        guard configuration.isSampling, sampling.secret != nil, chain.head != nil,
            let horizon = retention.sampling.horizon
        else { return }
        if let refusal = fraud.refusal { sampling.schedule.refuse(from: refusal.record.height) }
        sampling.schedule.setTail(max(chain.tail, horizon))
        sampling.schedule.headIs(chain.height)
        while let height = sampling.schedule.next(at: now) {
            if let header = chain.recentHeader(height) {
                begin(height, header, at: now, into: &effects)
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
        begin(height, header, at: now, into: &effects)
    }

    private mutating func begin(
        _ height: UInt64, _ header: ChainHeader, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let secret = sampling.secret, let dataRoot = header.dataRoot else {
            sampling.schedule.failed(height, at: now)
            return
        }
        var draw = CoordinateChoice.generator(
            secret: secret, height: height, dataRoot: dataRoot)
        let coordinates = CoordinateChoice.draw(width: header.width, with: &draw)
        let roots = header.roots ?? rootsAtHand.roots(dataRoot)
        sampling.running.append(
            SamplingState.Running(
                height: height, header: header.withoutRoots,
                roots: roots.map { KnownRoots($0) }
                    ?? KnownRoots(dataRoot: dataRoot, width: header.width)))
        sampling.running[sampling.running.count - 1].machine.slices = peers.slices
        sampling.running[sampling.running.count - 1].machine.width = header.width
        tellSampling(
            height,
            .began(
                coordinates: coordinates, peers: entropy.shuffled(samplePeers),
                late: sampling.late.peers(at: now), giver: sampling.giver(of: header.hash)), now,
            &effects)
    }

    mutating func tellSampling(
        _ height: UInt64, _ event: SamplingMachine.Event, _ now: Instant,
        _ effects: inout [RoleEffect]
    ) {
        guard let index = sampling.running.firstIndex(where: { $0.height == height }) else {
            return
        }
        if case .answered(_, let peer, _) = event { sampling.late.answered(peer, at: now) }
        let width = sampling.running[index].roots.width
        var asked: [SamplingMachine.Effect] = []
        sampling.running[index].machine.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .request(let coordinates, let peer):
                requestSamples(height, coordinates, from: peer, at: now, into: &effects)
            case .wantsPeers(let count):
                seekStorage(count, at: now, into: &effects)
            case .late(let peer):
                sampling.late.note(peer, at: now)
            case .wake(let moment):
                effects.append(.wake(at: moment))
            case .penalize(let peer):
                penalize(peer, "sent a sample with a false proof", at: now, into: &effects)
            case .conclude(let verdict, let receipts):
                conclude(height, verdict, receipts, width: width, at: now, into: &effects)
            }
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
            var text = "height \(height): data withheld, \(receipts.count) of \(wanted) came"
            if case .withheld(let missing) = verdict {
                text += ", missing " + missing.map(\.description).joined(separator: " ")
            }
            effects.append(.report(.incident(text)))
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
        if let due = sampling.secretDue, due <= now { storeSamplingSecret(into: &effects) }
        for height in sampling.running.map(\.height) {
            tellSampling(height, .woke, now, &effects)
        }
        sampleNext(at: now, into: &effects)
    }

    /// Other storage nodes can be asked from now on.
    mutating func samplePeersChanged(at now: Instant, into effects: inout [RoleEffect]) {
        let slices = peers.slices
        for index in sampling.running.indices {
            sampling.running[index].machine.slices = slices
        }
        for height in sampling.running.map(\.height) {
            tellSampling(height, .peersChanged(samplePeers), now, &effects)
        }
    }

    /// More storage nodes were looked for, and there are none beyond those that are connected.
    mutating func sampleSearchOver(at now: Instant, into effects: inout [RoleEffect]) {
        for height in sampling.running.map(\.height) {
            tellSampling(height, .searched, now, &effects)
        }
    }

    /// Those who give samples, together or one by one, in the order of their ids.
    var samplePeers: [Peer] {
        let together = SampleManyExchange.protocolID(network: configuration.network)
        let single = ShareExchange.protocolID(.sample, network: configuration.network)
        return peers.serving(together, or: single).map(\.handle)
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
