// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain

/// One member of a timed committee: its machines, its link, its processor.
final class TimedMember {
    let index: Int
    let address: Bytes20
    let region: Int
    var agreement: AgreementMachine
    var attestation: AttestationMachine

    var link: SharedLink
    /// When the way in is free again.
    var wayInFree: UInt64 = 0
    /// When the loop is free again, and each other core.
    var loopFree: UInt64 = 0
    var coresFree: [UInt64]
    /// Nanoseconds that the loop and the other cores have worked.
    var loopWorked: UInt64 = 0
    var coresWorked: UInt64 = 0

    var blocks: [Bytes32: BlockWork] = [:]
    var finalHeight: UInt64 = 0
    var certificates: [UInt64: QuorumCertificate] = [:]
    /// Bytes of rows that this member sent of blocks of its own.
    var ownRowBytes: [Bytes32: Int] = [:]

    /// How far a block has come at this member; as the role has it.
    struct BlockWork {
        let proposal: Proposal
        var isAttesting = false
        var isRowsHeld = false
        var isProposalUnderWay = false
        var isProposalKept = false
        var hasSquare = false
        var isExecuting = false
        var isExecuted = false
        var isSquareUnderWay = false
        var isSquareKept = false
        var certified: CertifiedAvailable?

        init(_ proposal: Proposal) {
            self.proposal = proposal
        }
    }

    init(
        index: Int, region: Int, key: ValidatorKey, agreement: AgreementMachine, place: Int,
        _ scenario: TimedScenario
    ) {
        self.index = index
        self.region = region
        address = key.address
        self.agreement = agreement
        attestation = AttestationMachine(place: place)
        link = SharedLink(count: scenario.memberCount)
        coresFree = [UInt64](repeating: 0, count: max(scenario.cores, 1) - 1)
    }

    /// Takes the loop's time; returns when it is done.
    func loop(_ cost: UInt64, at now: UInt64) -> UInt64 {
        loopFree = max(now, loopFree) + cost
        loopWorked += cost
        return loopFree
    }

    /// Takes a core's time for what need not be done in the loop; returns when it is done.
    func compute(_ cost: UInt64, at now: UInt64) -> UInt64 {
        guard let core = coresFree.indices.min(by: { coresFree[$0] < coresFree[$1] }) else {
            return loop(cost, at: now)
        }
        coresFree[core] = max(now, coresFree[core]) + cost
        coresWorked += cost
        return coresFree[core]
    }
}
