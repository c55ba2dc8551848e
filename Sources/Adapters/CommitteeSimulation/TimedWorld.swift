// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery

/// A committee whose messages take the time of their bytes, and whose work takes a processor's.
///
/// Members are the product's agreement and attestation machines; rows are gathered, verified and
/// passed on as in a node. Bytes that are the same for all are not copied, but each is counted at
/// its sender's link and at its receiver's. Nobody lies and nothing is lost; two runs of a scenario
/// are the same.
package final class TimedWorld {
    /// What a member's loop takes up.
    enum Input {
        case heard(Parcel, from: Int)
        case signed(SigningIntent, SignedStatement)
        case woke
        case verified(UInt64, count: Int)
        case built(BlockRequest, BuiltBlock)
        case rowsVerified(Bytes32, [HalfLine], from: Int)
        case rebuilt(Bytes32)
        case executed(Bytes32)
        case proposalKept(Bytes32)
        case squareKept(Bytes32)
    }

    enum Event {
        /// A frame has left: the next one may.
        case left(Int)
        /// The last bit of a frame is at its receiver's link.
        case came(SharedLink.Frame, from: Int)
        /// Something waits for a member's loop.
        case due(Int, Input)
        /// The loop is through with it.
        case taken(Int, Input)
    }

    let scenario: TimedScenario
    let square: TimedSquare
    let committee: ValidatorSet
    /// By whose powers lines are spread.
    let custodians: ValidatorSet
    var queue = VirtualQueue<Event>()
    /// Nanoseconds since the beginning.
    var now: UInt64 = 0
    var blocks: MockBlocks
    var members: [TimedMember] = []
    var places: [Bytes20: Int] = [:]
    var custody: [Bytes32: CustodyAssignment] = [:]
    var watch: TimedWatch
    private var events = 0

    /// Builds a world; nothing has happened in it yet.
    package init(_ scenario: TimedScenario, _ square: TimedSquare) {
        self.scenario = scenario
        self.square = square
        blocks = MockBlocks(square.committed, square.proof)
        watch = TimedWatch(scenario)
        committee = Self.committee(scenario)
        // The order of members is the same with equal powers: their keys are sorted as a set is.
        custodians =
            scenario.mutant == .custodyUnweighted
            ? Self.committee(scenario, isEqual: true) : committee
        let start = EpochStart(
            genesis: CommitteeWorld.timestamp(0), validatorSet: committee,
            seed: Bytes32(repeating: 7))
        let rules = ProposalRules(
            chainID: MockBlocks.chainID, consensusParameters: MockBlocks.parameters,
            epochLength: 4_096)
        for (place, validator) in committee.validators.enumerated() {
            let configuration = AgreementConfiguration(
                rules: rules, ownAddress: validator.address)
            members.append(
                TimedMember(
                    index: place, region: place % scenario.latencies.names.count,
                    key: validator.key,
                    agreement: AgreementMachine(configuration, AgreementStart(epoch: start)),
                    place: place, scenario))
            places[validator.address] = place
        }
        for member in members where !isSilent(member.index) { tell(member, .began) }
    }

    private static func committee(
        _ scenario: TimedScenario, isEqual: Bool = false
    ) -> ValidatorSet {
        let keys = (0..<scenario.memberCount).map { MockSignature.key(of: $0, seed: 0) }
            .sorted { $0.address.array.lexicographicallyPrecedes($1.address.array) }
        do {
            return try ValidatorSet(
                keys.enumerated().map { index, key in
                    Validator(
                        key: key,
                        votingPower: isEqual || scenario.powers.isEmpty
                            ? 1 : scenario.powers[index])
                })
        } catch {
            preconditionFailure("members with power are a set: \(error)")
        }
    }

    var instant: Instant { Instant(nanoseconds: CommitteeWorld.origin + now) }

    /// Less than a third of the members may say nothing.
    func isSilent(_ member: Int) -> Bool {
        scenario.hasSilent && 3 * (scenario.memberCount - member) < scenario.memberCount
    }

    /// Runs to the end and tells what came of it.
    package func run() -> TimedReport {
        while let (due, event) = queue.next(), due <= scenario.endsAt {
            precondition(due >= now, "time goes on")
            now = due
            events += 1
            perform(event)
            if !watch.violations.isEmpty { break }
            if members.allSatisfy({ isSilent($0.index) || $0.finalHeight >= scenario.heights }) {
                break
            }
        }
        return watch.report(members, square: square, now: now, events: events)
    }

    private func perform(_ event: Event) {
        switch event {
        case .left(let index): sendNext(members[index])
        case .came(let frame, let sender): take(frame, from: sender)
        case .due(let index, let input):
            let member = members[index]
            let end = member.loop(cost(of: input), at: now)
            if end == now {
                handle(input, member)
            } else {
                queue.add(.taken(index, input), at: end)
            }
        case .taken(let index, let input): handle(input, members[index])
        }
    }

    private func cost(of input: Input) -> UInt64 {
        guard case .heard(let parcel, _) = input else { return scenario.costs.step }
        return scenario.costs.step + scenario.costs.bytes(parcel.bytes)
    }

    // MARK: Links

    /// Puts a message on its way; sealing it takes the loop's time while the link works.
    func send(_ parcel: Parcel, from sender: TimedMember, to receiver: Int) {
        guard receiver != sender.index, !isSilent(receiver) else { return }
        _ = sender.loop(scenario.costs.bytes(parcel.bytes), at: now)
        guard scenario.bytesPerSecond != nil else {
            let due = now + latency(sender.index, receiver)
            return queue.add(.due(receiver, .heard(parcel, from: sender.index)), at: due)
        }
        sender.link.add(parcel, to: receiver)
        if !sender.link.isBusy { sendNext(sender) }
    }

    private func latency(_ sender: Int, _ receiver: Int) -> UInt64 {
        scenario.latencies.oneWayNanoseconds(
            from: members[sender].region, to: members[receiver].region)
    }

    private func sendNext(_ sender: TimedMember) {
        guard let frame = sender.link.next() else {
            sender.link.isBusy = false
            return
        }
        sender.link.isBusy = true
        let left = now + duration(frame.bytes)
        queue.add(.left(sender.index), at: left)
        queue.add(
            .came(frame, from: sender.index), at: left + latency(sender.index, frame.receiver))
    }

    private func take(_ frame: SharedLink.Frame, from sender: Int) {
        let receiver = members[frame.receiver]
        receiver.wayInFree = max(now, receiver.wayInFree) + duration(frame.bytes)
        if let parcel = frame.whole {
            queue.add(.due(frame.receiver, .heard(parcel, from: sender)), at: receiver.wayInFree)
        }
    }

    private func duration(_ bytes: Int) -> UInt64 {
        guard let rate = scenario.bytesPerSecond else { return 0 }
        return UInt64(bytes) * 1_000_000_000 / rate
    }
}
