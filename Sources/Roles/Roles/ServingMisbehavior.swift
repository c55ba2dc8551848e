// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Peering

/// What a node of a test network does wrong on purpose when others ask it for pieces of squares, so
/// that they can be seen to cope.
///
/// Whole squares are given as they should be: a network in which nobody has the data cannot show
/// that pieces of it are kept back.
package struct ServingMisbehavior: Hashable, Sendable {
    /// What it does.
    package enum Manner: String, CaseIterable, Hashable, Sendable {
        /// Gives pieces of another square, with proofs that would hold for that one.
        case lie
        /// Says that it has nothing.
        case withhold
        /// Says that it does not have the smallest part whose loss cannot be repaired: the cells of
        /// the last k+1 rows and columns.
        case withholdSmallest = "withhold-smallest"
        /// Does not answer.
        case silence
    }

    /// What it does.
    package let manner: Manner
    /// It does so at every so many-th height.
    package let everyHeight: UInt64

    /// Misbehaves in a manner, at heights that `everyHeight` divides.
    package init(_ manner: Manner, everyHeight: UInt64 = 1) {
        self.manner = manner
        self.everyHeight = max(1, everyHeight)
    }

    /// What happens to a question about a height; nil when it is answered as it should be.
    func manner(at height: UInt64) -> Manner? {
        height % everyHeight == 0 ? manner : nil
    }

    /// A square that is not the one asked for: the last byte of each share is another.
    static func another(than square: CommittedSquare) -> CommittedSquare {
        let original = square.square.originalSquare
        var bytes = [UInt8](original.bytes)
        for index in stride(from: Share.sizeBytes - 1, to: bytes.count, by: Share.sizeBytes) {
            bytes[index] ^= 1
        }
        do {
            let other = try OriginalDataSquare(width: original.width, bytes: bytes)
            return CommittedSquare(ExtendedDataSquare(extending: other))
        } catch {
            preconditionFailure("namespaces are as they were: \(error)")
        }
    }

    /// Whether a cell lies in the smallest part whose loss cannot be repaired.
    static func hides(_ place: Coordinate, width: Int) -> Bool {
        place.row >= width / 2 - 1 && place.column >= width / 2 - 1
    }
}

extension Node {
    /// What a test wants to happen to questions about a height; nil outside of tests.
    func servingMisbehavior(at height: UInt64) -> ServingMisbehavior.Manner? {
        configuration.servingMisbehavior?.manner(at: height)
    }

    /// Does to a question about a piece of a square what a test asked for; whether it did anything.
    mutating func misserves(
        _ inbound: InboundNumber, _ request: ShareRequest, into effects: inout [RoleEffect]
    ) -> Bool {
        guard request.kind != .square, let manner = servingMisbehavior(at: request.height) else {
            return false
        }
        switch manner {
        case .silence: break
        case .withhold: reply(inbound, ShareExchange.notFound)
        case .withholdSmallest:
            if case .sample(let id) = request, let header = chain.recentHeader(request.height),
                !ServingMisbehavior.hides(
                    Coordinate(row: Int(id.row), column: Int(id.column)), width: header.width)
            {
                return false
            }
            reply(inbound, ShareExchange.notFound)
        case .lie:
            let ticket = ticket()
            loads[ticket] = .serveLie(inbound, request)
            effects.append(.load(ticket, .square(request.height)))
        }
        return true
    }

    mutating func serveLie(
        _ inbound: InboundNumber, _ request: ShareRequest, _ value: LoadedValue
    ) {
        guard case .square(let square) = value else {
            reply(inbound, ShareExchange.notFound)
            return
        }
        let other = ServingMisbehavior.another(than: square)
        reply(inbound, ShareExchange.encodeAnswer(to: request, from: other))
    }

    /// Does to a light node's question what a test asked for.
    mutating func misserve(
        _ inbound: InboundNumber, _ request: SampleManyRequest, into effects: inout [RoleEffect]
    ) {
        if case .silence = servingMisbehavior(at: request.height) { return }
        let ticket = ticket()
        loads[ticket] = .misserveSamples(inbound, request)
        effects.append(.load(ticket, .square(request.height)))
    }

    mutating func misserveLoaded(
        _ inbound: InboundNumber, _ request: SampleManyRequest, _ value: LoadedValue
    ) {
        guard case .square(let square) = value else {
            return reply(inbound, SampleManyExchange.encodeNotFound(request))
        }
        reply(
            inbound,
            misserved(request, from: square)
                ?? SampleManyExchange.encodeAnswer(to: request, from: square))
    }

    /// What a test wants instead of the samples that were asked for; nil for the samples.
    private func misserved(_ request: SampleManyRequest, from square: CommittedSquare) -> [UInt8]? {
        switch servingMisbehavior(at: request.height) {
        case nil, .silence: nil
        case .withhold: SampleManyExchange.encodeNotFound(request)
        case .withholdSmallest:
            SampleManyExchange.encodeAnswer(to: request, from: square) {
                ServingMisbehavior.hides($0, width: square.header.width)
            }
        case .lie:
            SampleManyExchange.encodeAnswer(
                to: request, from: ServingMisbehavior.another(than: square))
        }
    }
}
