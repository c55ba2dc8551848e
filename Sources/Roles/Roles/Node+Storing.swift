// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Chain
internal import DataSquare
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
        health.storeFault = failure
        switch purpose {
        case .block(let draft):
            blockStored(draft, failure: failure, at: now, into: &effects)
        case .square(let height, let dataRoot):
            squareStored(height, dataRoot: dataRoot, failure: failure, at: now, into: &effects)
        case .headers(let headers):
            headersStored(headers, failure: failure, at: now, into: &effects)
        case .sampling:
            samplingStored(failure: failure, into: &effects)
        case .peers:
            peersStored(failure: failure, into: &effects)
        case .pins(let height, let namespaces):
            pinsStored(height, namespaces, failure: failure, at: now, into: &effects)
        case .fetchedPin(let identity, let peer, let roots):
            fetchedPinStored(identity, peer, roots, failure: failure, at: now, into: &effects)
        case .removal(let heights):
            squaresRemoved(heights, failure: failure, at: now, into: &effects)
        case .scrub:
            scrubStored(failure: failure, into: &effects)
        case .sidecar(let height):
            sidecarStored(height, failure: failure, into: &effects)
        case .refusal:
            refusalStored(failure: failure, into: &effects)
        case .samplingSecret(let secret):
            samplingSecretStored(secret, failure: failure, at: now, into: &effects)
        case .divergence:
            divergenceStored(failure: failure, into: &effects)
        case .snapshotNodes: snapshotKept(failure: failure, at: now, into: &effects)
        case .restoredLedger(let state, let header):
            restoredLedgerStored(state, header, failure: failure, at: now, into: &effects)
        case .certificate, .epoch, .proposal, .pendingSquare, .ledger, .forgotten:
            committeeStored(purpose, failure: failure, at: now, into: &effects)
        }
    }

    private mutating func committeeStored(
        _ purpose: StorePurpose, failure: String?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch purpose {
        case .certificate(let certificate):
            certificateKept(certificate, failure: failure, into: &effects)
        case .epoch: epochKept(failure: failure, into: &effects)
        case .proposal(let hash): proposalKept(hash, failure: failure, at: now, into: &effects)
        case .pendingSquare(let hash):
            pendingSquareKept(hash, failure: failure, at: now, into: &effects)
        case .ledger(let height, let version):
            ledgerStored(height, version: version, failure: failure, into: &effects)
        default: break
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
            serveLoadedPiece(inbound, request, value, at: now, into: &effects)
        case .serveSamplingHeader(let inbound, let request):
            serveLoadedSamplingHeader(inbound, request, value, into: &effects)
        case .serveSamples(let inbound):
            serveLoadedSamples(inbound, value, at: now, into: &effects)
        case .misserveSamples(let inbound, let request):
            misserveLoaded(inbound, request, value)
        case .ownPiece(let asker):
            ownPieceLoaded(asker, value, at: now, into: &effects)
        case .answer(let asker, let request):
            answerLoaded(asker, request, value, at: now, into: &effects)
        case .fraud(let question):
            fraudLoaded(question, value, at: now, into: &effects)
        case .serveLie(let inbound, let request):
            serveLie(inbound, request, value)
        case .serveSidecar(let inbound):
            serveLoadedSidecar(inbound, value)
        case .sidecarHeader(let height, let bound, let peer):
            sidecarHeaderLoaded(height, bound, from: peer, value, at: now, into: &effects)
        case .retrievalHeader(let asker):
            retrievalHeaderLoaded(asker, value, at: now, into: &effects)
        case .windowTimes(let window, let from):
            windowTimesLoaded(window, from: from, value, at: now, into: &effects)
        case .pinning(let height):
            pinningLoaded(height, value, at: now, into: &effects)
        case .pinHeader(let height, let peer):
            pinHeaderLoaded(height, peer, value, at: now, into: &effects)
        case .servePin(let inbound, let height, let namespace):
            servePin(inbound, height, namespace, value, at: now, into: &effects)
        case .answerPin(let asker, let request, let namespace):
            answerPin(asker, request, namespace, value, at: now, into: &effects)
        case .usage:
            usageLoaded(value, at: now, into: &effects)
        case .scrub(let height):
            scrubLoaded(height, value, at: now, into: &effects)
        case .duty(let task): dutyLoaded(task, value, at: now, into: &effects)
        case .repairHeader(let height):
            repairHeaderLoaded(height, value, at: now, into: &effects)
        case .pendingSquare(let hash):
            pendingSquareLoaded(hash, value, into: &effects)
        case .attack(let report, let peer):
            attackLoaded(report, from: peer, value, at: now, into: &effects)
        case .epochEnd(let height):
            epochEndLoaded(height, value, at: now, into: &effects)
        case .serveCommit(let member):
            serveLoadedCommit(value, to: member)
        case .executionHeader(let height):
            executionHeaderLoaded(height, value, at: now, into: &effects)
        case .executionSquare(let header):
            executionSquareLoaded(header, value, into: &effects)
        case .recertification(let block):
            recertificationLoaded(block, value, into: &effects)
        case .recertifiedSquare(let header):
            recertifiedSquareLoaded(header, value, into: &effects)
        case .snapshotHeader(let height):
            snapshotHeaderLoaded(height, value, at: now, into: &effects)
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
        case .fraud(let height):
            fraudComputed(height, result, at: now, into: &effects)
        case .retrieval(let asker, let peer):
            retrievedSquareChecked(asker, from: peer, result, at: now, into: &effects)
        case .pins(let height):
            pinsProven(height, result, at: now, into: &effects)
        case .rows(let height):
            rowsChecked(height, result, at: now, into: &effects)
        case .repair(let height):
            squareRepaired(height, result, at: now, into: &effects)
        case .harvest(let votes): harvested(votes, result, at: now, into: &effects)
        case .statements(let number):
            guard case .statementsVerified(let holds) = result else {
                preconditionFailure("signatures are verified by their job")
            }
            tellCommittee(.verified(number, holds), now, &effects)
        case .attestedRows(let block, let member):
            rowsAttested(block, from: member, result, at: now, into: &effects)
        case .attestedSquare(let block):
            squareAttested(block, result, at: now, into: &effects)
        case .pendingSquare(let block):
            pendingSquareExtended(block, result, at: now, into: &effects)
        case .blockExecution(let block):
            blockExecuted(block, result, at: now, into: &effects)
        case .ownBlock(let draft):
            ownBlockExtended(draft, result, at: now, into: &effects)
        case .storedExecution(let header):
            storedBlockExecuted(header, result, at: now, into: &effects)
        case .recertification(let header):
            recertified(header, result, at: now, into: &effects)
        case .snapshotManifest(let height): manifestMade(height, result, into: &effects)
        case .snapshotChunk(let inbound): chunkMade(inbound, result)
        }
    }
}
