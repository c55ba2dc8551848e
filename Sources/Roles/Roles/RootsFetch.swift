// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering

/// Why all roots of a block are wanted by a node that keeps none.
enum RootsPurpose {
    /// A user asked for the header, or for several.
    case answer(Ticket, RPCRequest)
    /// A user asked for shares, which are verified under the roots.
    case retrieval(Ticket)
    /// Samples came, or are to be asked for, without the roots that their proofs lead to.
    case sampling(UInt64)
    /// A block is suspected, or said, to be wrongly encoded.
    case fraud(FraudQuestion)
    /// Rows of the block were drawn, which are verified under the roots.
    case rows(UInt64)
}

/// Headers of which all roots are being fetched.
struct RootsFetch {
    let number: UInt64
    let purpose: RootsPurpose
    /// What is still without roots, ascending heights.
    var wanted: ArraySlice<ChainHeader>
    var found: [ExtendedHeader] = []
    var tried: [PeerIdentifier] = []
}

/// The roots of a few blocks, the newest last.
struct RootsAtHand {
    private var entries: [DataAvailabilityHeader] = []

    func roots(_ dataRoot: Bytes32?) -> DataAvailabilityHeader? {
        entries.last { $0.dataRoot == dataRoot }
    }

    mutating func keep(_ roots: DataAvailabilityHeader) {
        if entries.contains(roots) { return }
        if entries.count >= NodeLimits.rootsAtHand { entries.removeFirst() }
        entries.append(roots)
    }
}

/// Whoever keeps no roots can have them: by header-ex, held to the data root of a verified header.
///
/// This is what a light node does when it is asked for a whole header, when it samples from nodes
/// that give no roots, and when somebody says that a block is badly encoded. Specified in
/// Protocol/15-light-clients.md#all-roots.
extension Node {
    /// Fetches all roots of verified headers whose heights ascend; `rootsFetched` is told.
    mutating func fetchRoots(
        of headers: [ChainHeader], for purpose: RootsPurpose, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard rootsFetches.count < NodeLimits.rootsFetchesAtOnce else {
            rootsFetched(nil, for: purpose, at: now, into: &effects)
            return
        }
        rootsFetchCount += 1
        rootsFetches.append(
            RootsFetch(number: rootsFetchCount, purpose: purpose, wanted: headers[...]))
        continueFetch(rootsFetchCount, at: now, into: &effects)
    }

    private mutating func continueFetch(
        _ number: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = rootsFetches.firstIndex(where: { $0.number == number }) else { return }
        while let next = rootsFetches[index].wanted.first,
            let roots = next.roots ?? rootsAtHand.roots(next.dataRoot)
        {
            rootsFetches[index].found.append(next.extended(with: roots))
            rootsFetches[index].wanted.removeFirst()
        }
        let fetch = rootsFetches[index]
        guard let next = fetch.wanted.first else {
            rootsFetches.remove(at: index)
            rootsFetched(fetch.found, for: fetch.purpose, at: now, into: &effects)
            return
        }
        let name = HeaderExchange.protocolID(network: configuration.network)
        let candidates = peers.serving(name).map(\.identifier).filter {
            !fetch.tried.contains($0)
        }
        guard fetch.tried.count < NodeLimits.retrievalPeersMax,
            let peer = entropy.shuffled(candidates).first
        else {
            rootsFetches.remove(at: index)
            rootsFetched(nil, for: fetch.purpose, at: now, into: &effects)
            return
        }
        rootsFetches[index].tried.append(peer)
        var amount = Self.run(of: fetch.wanted)
        var question = HeaderExchangeRequest(.origin(next.height.value), amount: amount)
        if case .fraud = fetch.purpose {
            // Whoever refuses the block already gives its header by its hash alone.
            amount = 1
            question = HeaderExchangeRequest(.hash(next.hash), amount: amount)
        }
        let asked = ask(
            name, of: peer, bytes: question.encode(),
            answerLimit: HeaderExchange.answerLimit(amount: amount), at: now)
        requests[asked] = .roots(number, peer, amount: amount)
    }

    /// How many of the first headers follow one another, as far as one question reaches.
    private static func run(of headers: ArraySlice<ChainHeader>) -> UInt64 {
        var count: UInt64 = 0
        for header in headers.prefix(Int(HeaderExchange.amountMax)) {
            guard header.height.value == headers[headers.startIndex].height.value + count else {
                break
            }
            count += 1
        }
        return count
    }

    mutating func rootsAnswered(
        _ number: UInt64, by peer: PeerIdentifier, amount: UInt64,
        _ answer: Result<[UInt8], RequestFault>, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = rootsFetches.firstIndex(where: { $0.number == number }) else { return }
        var fault: String?
        if case .success(let bytes) = answer {
            do {
                for header in try HeaderExchange.decodeAnswer(bytes, amount: amount) {
                    guard let wanted = rootsFetches[index].wanted.first else { break }
                    let roots = header.dataAvailabilityHeader
                    guard roots.dataRoot == wanted.dataRoot, roots.width == wanted.width else {
                        fault = "gave roots that are not those of height \(wanted.height)"
                        break
                    }
                    rootsAtHand.keep(roots)
                    rootsFetches[index].found.append(wanted.extended(with: roots))
                    rootsFetches[index].wanted.removeFirst()
                    rootsFetches[index].tried = []
                }
            } catch {
                fault = "gave no headers: \(error)"
            }
        }
        if let fault { penalize(Peer(peer.text), fault, at: now, into: &effects) }
        continueFetch(number, at: now, into: &effects)
    }

    /// All roots are there, or nobody gave them.
    private mutating func rootsFetched(
        _ found: [ExtendedHeader]?, for purpose: RootsPurpose, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch purpose {
        case .answer(let asker, .headers):
            answer(
                asker, found.map { .success(.headers($0)) } ?? .failure(.dataNotAvailable),
                into: &effects)
        case .answer(let asker, _):
            answer(
                asker, found?.first.map { .success(.header($0)) } ?? .failure(.dataNotAvailable),
                into: &effects)
        case .retrieval(let asker):
            retrievalRootsFound(
                asker, found?.first?.dataAvailabilityHeader, at: now, into: &effects)
        case .sampling(let height):
            sampleRootsFound(
                height, found?.first?.dataAvailabilityHeader, at: now, into: &effects)
        case .fraud(let question):
            fraudRootsFound(question, found?.first, at: now, into: &effects)
        case .rows(let height):
            rowRootsFound(
                height, found?.first?.dataAvailabilityHeader, at: now, into: &effects)
        }
    }

    /// Answers a user with headers, fetching the roots that this node does not keep.
    mutating func answer(
        _ asker: Ticket, _ request: RPCRequest, with headers: [ChainHeader], at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        fetchRoots(of: headers, for: .answer(asker, request), at: now, into: &effects)
    }
}
