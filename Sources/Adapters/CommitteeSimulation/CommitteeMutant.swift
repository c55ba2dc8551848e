// SPDX-License-Identifier: Apache-2.0

package import Agreement

/// A bug that all honest members of a world are given, so that what watches them is tested too.
///
/// Those of the machine are its own; the rest are bugs of a host: of its log, its gate, its keys.
package enum CommitteeMutant: Hashable, Sendable {
    /// A bug of the machine.
    case machine(AgreementMutant)
    /// Nothing is kept of what was said.
    case logAbsent
    /// A signature is given away before its record is durable.
    case sentBeforeSynced
    /// A proposal is not logged.
    case proposalsUnlogged
    /// A torn record makes the whole log count as empty.
    case tornEmptiesLog
    /// The floor lets go of what was said above it.
    case floorForgets
    /// Certificates are not kept over a restart.
    case certificatesVolatile
    /// Every block passes the second gate.
    case gateAbsent
    /// Every signature counts as valid.
    case signaturesUnchecked
    /// A fee stays with who paid it.
    case coinsMinted
    /// Half of the members put a block's messages into effect in another order.
    case messagesReordered

    /// All of them.
    package static let all: [CommitteeMutant] =
        AgreementMutant.allCases.map { .machine($0) } + [
            .logAbsent, .sentBeforeSynced, .proposalsUnlogged, .tornEmptiesLog, .floorForgets,
            .certificatesVolatile, .gateAbsent, .signaturesUnchecked, .coinsMinted,
            .messagesReordered,
        ]

    /// The name, as commands take it.
    package var name: String {
        if case .machine(let mutant) = self { return mutant.rawValue }
        return "\(self)"
    }

    /// The one of a name.
    package init?(name: String) {
        guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// Whether it shows only where members keep stakes.
    var isOfStakes: Bool { self == .coinsMinted || self == .messagesReordered }

    /// The machine's part.
    var ofMachine: AgreementMutant? {
        if case .machine(let mutant) = self { mutant } else { nil }
    }
}

extension CommitteeMutant {
    /// The rule of Protocol/20-agreement.md that it breaks.
    package var rule: String {
        guard case .machine(let mutant) = self else {
            return switch self {
            case .gateAbsent: "Y13"
            case .signaturesUnchecked: "Y10"
            case .coinsMinted, .messagesReordered: "Y16"
            default: "Y11"
            }
        }
        return switch mutant {
        case .quorumLow, .quorumByCount: "q"
        case .finalizeAfterNullify, .finalizeOther: "R5"
        case .foreignVoteTaken: "Y7"
        case .certificateUnweighed: "Y9"
        case .endUnready: "Y4"
        case .gapUnchecked, .parentUncertified, .rowsUnchecked, .rulesUnchecked: "R3"
        case .gateWithoutParent: "R4"
        case .setKept: "Y1"
        case .standstillOmitted: "R10"
        case .backOffOmitted: "Y12"
        case .commitsOmitted: "R9"
        case .questionsOmitted: "Y15"
        case .saidForgotten: "Y11"
        case .evidenceRepeated: "R12"
        }
    }

    /// Where it is looked for, the likeliest first.
    package var grounds: [CommitteeTrouble] {
        let first: [CommitteeTrouble] =
            switch self {
            case .machine(.backOffOmitted): [.slowNetwork]
            case .machine(.rulesUnchecked): [.members(.timestampLiar)]
            case .machine(.evidenceRepeated): [.members(.evidenceSpammer)]
            case .machine(.gapUnchecked): [.members(.gapJumper), .network]
            case .machine(.rowsUnchecked): [.members(.custodyLiar)]
            case .machine(.finalizeOther): [.members(.equivocatingLeader)]
            case .gateAbsent: [.members(.wrongParity)]
            case .signaturesUnchecked, .machine(.foreignVoteTaken): [.members(.forger)]
            case .machine(.certificateUnweighed): [.members(.futureSpammer)]
            case .machine(.questionsOmitted): [.members(.favouringLeader)]
            case .certificatesVolatile: [.members(.briefVoter)]
            default: [.network]
            }
        return first + CommitteeTrouble.all.filter { !first.contains($0) }
    }
}
