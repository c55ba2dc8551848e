// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain

extension FuzzTarget {
    /// What members of a committee read from each other, and from their own logs.
    static let agreement: [FuzzTarget] = [
        .roundTrip(
            "agreement-message",
            decode: { input throws(DecodeFault) in try AgreementMessage(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "signed-statement",
            decode: { input throws(DecodeFault) in try SignedStatement(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "quorum-certificate",
            decode: { input throws(DecodeFault) in try QuorumCertificate(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "agreement-proposal",
            decode: { input throws(DecodeFault) in try Proposal(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "standstill",
            decode: { input throws(DecodeFault) in try Standstill(protobuf: input[...]) },
            encode: { $0.protobuf }),
        .roundTrip(
            "agreement-question",
            decode: { input throws(DecodeFault) in try AgreementQuestion(protobuf: input[...]) },
            encode: { $0.protobuf }),
        .roundTrip(
            "greeting",
            decode: { input throws(DecodeFault) in try Greeting(protobuf: input[...]) },
            encode: { $0.protobuf }),
        .roundTrip(
            "slashing-evidence",
            decode: { input throws(DecodeFault) in try SlashingEvidence(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "impossible-vote",
            decode: { input throws(DecodeFault) in try ImpossibleVote(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "fault-evidence",
            decode: { input throws(DecodeFault) in try FaultEvidence(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "agreement-record",
            decode: { input throws(DecodeFault) in try AgreementRecord(decoding: input) },
            encode: { $0.encoded }),
    ]
}
