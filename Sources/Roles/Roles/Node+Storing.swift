// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Machinery
internal import Peering
internal import Syncing

/// Answers of the store and of jobs, each carried to who asked.
extension Node {
    mutating func stored(
        _ ticket: Ticket, failure: String?, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let purpose = stores.removeValue(forKey: ticket) else {
            preconditionFailure("the store answered \(ticket), which nobody asked")
        }
        switch purpose {
        case .block(let draft):
            blockStored(draft, failure: failure, at: now, into: &effects)
        case .square(let height, let dataRoot):
            squareStored(height, dataRoot: dataRoot, failure: failure, at: now, into: &effects)
        case .headers(let headers):
            headersStored(headers, failure: failure, at: now, into: &effects)
        case .sampling:
            samplingStored(failure: failure, into: &effects)
        case .samplingSecret(let secret):
            samplingSecretStored(secret, failure: failure, at: now, into: &effects)
        case .divergence:
            divergenceStored(failure: failure, into: &effects)
        }
    }

    mutating func loaded(
        _ ticket: Ticket, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let purpose = loads.removeValue(forKey: ticket) else {
            preconditionFailure("the store answered \(ticket), which nobody asked")
        }
        switch purpose {
        case .recallHeader:
            if case .header(let header) = value { tellHeaders(.recalled(header), now, &effects) }
        case .squareHeader(let height, let identifier):
            if case .header(let header) = value, let roots = header.roots {
                requestSquare(height, roots, of: identifier, at: now)
            } else {
                tellSquares(.refused(height, by: Peer(identifier.text)), now, &effects)
            }
        case .sampleHeader(let height):
            sampleHeaderLoaded(height, value, at: now, into: &effects)
        case .serveHeaders(let inbound, let countLimit):
            serveLoadedHeaders(inbound, value, limit: countLimit, at: now, into: &effects)
        case .serveShares(let inbound, let request):
            serveLoadedSquare(inbound, request, value, at: now, into: &effects)
        case .serveSamplingHeader(let inbound, let request):
            serveLoadedSamplingHeader(inbound, request, value, into: &effects)
        case .serveSamples(let inbound, let request):
            serveLoadedSamples(inbound, request, value, at: now, into: &effects)
        case .answer(let asker, let request):
            answerLoaded(asker, request, value, at: now, into: &effects)
        case .retrievalHeader(let asker):
            retrievalHeaderLoaded(asker, value, at: now, into: &effects)
        }
    }

    mutating func computed(
        _ ticket: Ticket, _ result: JobResult, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let purpose = jobs.removeValue(forKey: ticket) else {
            preconditionFailure("the pool answered \(ticket), which nobody asked")
        }
        switch purpose {
        case .proposal(let draft):
            proposalCommitted(draft, result, at: now, into: &effects)
        case .transaction(let reply):
            transactionRead(reply, result, at: now, into: &effects)
        case .square(let height, let peer):
            squareChecked(height, from: peer, result, at: now, into: &effects)
        case .retrieval(let asker, let peer):
            retrievedSquareChecked(asker, from: peer, result, at: now, into: &effects)
        }
    }
}
