// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Machinery
internal import Peering
internal import Syncing

/// Header sync of a light node with peers that give headers without their roots.
extension Node {
    /// Asks for headers; for the newest, first for its name only.
    mutating func requestSamplingHeaders(
        _ request: HeaderRequest, of identifier: PeerIdentifier, at now: Instant
    ) {
        let known = headers.head?.validatorSet
        let subject: SamplingHeaderRequest.Subject =
            switch request {
            case .head: .news
            case .hash(let hash): .hash(hash)
            case .range(let from, let count): .origin(from, amount: count)
            }
        let question = SamplingHeaderRequest(
            subject, knownSet: request == .head ? nil : known?.hash)
        let number = ask(
            SamplingHeaderExchange.protocolID(network: configuration.network), of: identifier,
            bytes: question.encode(), answerLimit: SamplingHeaderExchange.answerLimit(question),
            at: now)
        requests[number] = .samplingHeaders(request, question, known, identifier)
    }

    mutating func samplingHeadersAnswered(
        _ request: HeaderRequest, _ question: SamplingHeaderRequest, _ known: ValidatorSet?,
        by identifier: PeerIdentifier, _ answer: Result<[UInt8], RequestFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        let peer = Peer(identifier.text)
        guard case .success(let bytes) = answer else {
            tellHeaders(.refused(request, by: peer), now, &effects)
            return
        }
        do {
            switch try SamplingHeaderExchange.decodeAnswer(bytes, to: question) {
            case .notFound, .roots:
                tellHeaders(.refused(request, by: peer), now, &effects)
            case .news(let height, let hash):
                tellHeaders(.told(height: height, hash: hash, by: peer), now, &effects)
            case .headers(let found):
                var sets = known.map { [$0] } ?? []
                var resolved: [ChainHeader] = []
                for header in found {
                    let named = header.signedHeader.header.validatorsHash
                    let chain = try header.resolve(known: sets.last { $0.hash == named })
                    if header.validatorSet != nil { sets.append(chain.validatorSet) }
                    resolved.append(chain)
                }
                noteGiver(peer, of: resolved)
                tellHeaders(.answered(request, by: peer, resolved), now, &effects)
            }
        } catch {
            tellHeaders(.lied(request, by: peer), now, &effects)
        }
    }

    /// Who gives a header shall not answer the samples of its block as well.
    mutating func noteGiver(_ peer: Peer, of headers: [ChainHeader]) {
        guard configuration.kind == .light else { return }
        for header in headers { sampling.note(giver: peer, of: header.hash) }
    }
}
