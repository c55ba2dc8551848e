// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger

extension FuzzTarget {
    /// What modules Chain and Ledger read from strangers and files.
    static let chainAndLedger: [FuzzTarget] = [
        .roundTrip(
            "json",
            decode: { input throws(DecodeFault) in
                try JSONValue.decode(input, limit: 1 << 20)
            }, encode: { $0.encode() }),
        .roundTrip(
            "timestamp-text",
            decode: { input throws(DecodeFault) in
                try Timestamp(text: String(decoding: input, as: UTF8.self))
            }, encode: { Array($0.description.utf8) }),
        .roundTrip(
            "genesis",
            decode: { input throws(DecodeFault) in try Genesis.decode(input) },
            encode: { $0.encode() }),
        .roundTrip(
            "block-header",
            decode: { input throws(DecodeFault) in try BlockHeader(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "commit",
            decode: { input throws(DecodeFault) in try Commit(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "validator-set",
            decode: { input throws(DecodeFault) in try ValidatorSet(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "signed-header",
            decode: { input throws(DecodeFault) in try SignedHeader(protobuf: input[...]) },
            encode: { $0.protobuf }),
        FuzzTarget("extended-header", extendedHeader),
        .roundTrip(
            "sampling-header",
            decode: { input throws(DecodeFault) in
                try UnverifiedSamplingHeader(protobuf: input)
            },
            encode: { $0.protobuf }),
        .reader("kept-header") { input throws(DecodeFault) in
            _ = try ChainHeader(kept: input) { (hash) throws(DecodeFault) in
                throw .malformed("no set \(hash)")
            }
        },
        .roundTrip(
            "header-extension",
            decode: { input throws(DecodeFault) in try HeaderExtension(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "cosmos-transaction", isCanonical: true,
            decode: { input throws(DecodeFault) in try CosmosTransaction.decode(input) },
            encode: { $0.encode() }),
        .roundTrip(
            "pay-for-blobs",
            decode: { input throws(DecodeFault) in try PayForBlobs(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "ledger-state", isCanonical: true,
            decode: { input throws(DecodeFault) in try LedgerState.decode(input).encode() },
            encode: { $0 }),
        .roundTrip(
            "account-proof",
            decode: { input throws(DecodeFault) in try AccountProof(protobuf: input) },
            encode: { $0.protobuf }),
        FuzzTarget("ledger-transition", ledgerTransition),
    ]

    /// A header that reads is also judged, alone and as the step after itself.
    @Sendable private static func extendedHeader(_ input: [UInt8]) {
        do throws(DecodeFault) {
            let header = try ExtendedHeader(protobuf: input)
            let again = try ExtendedHeader(protobuf: header.protobuf)
            precondition(again == header, "extended-header: another value")
            var isValid = true
            do throws(HeaderFault) { try header.validate() } catch { isValid = false }
            guard isValid else { return }
            do throws(HeaderFault) {
                let trusted = try TrustedState(header.lightBlock)
                judge(header, after: trusted)
            } catch {
                preconditionFailure("extended-header: valid, but not to be trusted: \(error)")
            }
        } catch {
            precondition(error.offset >= 0, "extended-header: a fault before the input")
        }
    }

    private static func judge(_ header: ExtendedHeader, after trusted: TrustedState) {
        do throws(LightFault) {
            _ = try LightVerification.verify(
                trusted: trusted, untrusted: header.lightBlock, now: header.time,
                rules: .celestia)
            preconditionFailure("extended-header: it follows itself")
        } catch {
            precondition(!error.isSoft, "extended-header: nothing lies between")
        }
    }

    /// A transaction that reads is applied to a ledger where nobody has anything.
    @Sendable private static func ledgerTransition(_ input: [UInt8]) {
        let transition = LedgerTransition(rules: LedgerRules(chainID: "fuzz"))
        for reading in [BlobTransaction.Reading.canonical, .current, .historical] {
            do throws(LedgerFault) {
                let read = try transition.read(input, reading: reading)
                var state = LedgerState()
                _ = try transition.apply(read, to: &state, height: Height(1))
                preconditionFailure("ledger-transition: nobody paid")
            } catch {
                precondition(error.code > 0 && !error.description.isEmpty)
            }
        }
    }
}
