// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare
package import Ledger

/// What waits for a block at a validator: transactions that could all be in the next one, in order.
///
/// Every transaction was checked on the state that the ones before it leave, so an account may
/// have many in line. After each block the rest is checked anew.
package struct TransactionPool: Sendable {
    /// A transaction that waits.
    package struct Entry: Sendable {
        /// As it goes into the square.
        package let entry: SquareEntry
        /// As the ledger reads it.
        package let read: ReadTransaction

        /// Takes both forms of one transaction.
        package init(entry: SquareEntry, read: ReadTransaction) {
            self.entry = entry
            self.read = read
        }
    }

    /// Why a transaction does not wait.
    package enum Fault: Error, Hashable, Sendable {
        /// The ledger refuses it.
        case ledger(LedgerFault)
        /// There is no room.
        case full
    }

    /// What a block is made of.
    package struct Proposal: Sendable {
        /// The square and where everything lies in it.
        package let built: BuiltSquare
        /// The transactions in the order of the square, with what became of each.
        package var results: [TransactionResult]
        /// The state after them.
        package var state: LedgerState
        /// The transactions themselves, in the same order.
        package let transactions: [ReadTransaction]
    }

    /// How many transactions may wait; `pool.transactionsMax`.
    package static let transactionsMax = 4_096
    /// How many bytes they may have together; `pool.bytesMax`.
    package static let bytesMax = 268_435_456
    /// How many PayForBlobs one block may carry; `pool.blobTransactionsPerBlock`, as Celestia's.
    package static let blobTransactionsPerBlock = 200
    /// How many other transactions one block may carry; `pool.plainTransactionsPerBlock`.
    package static let plainTransactionsPerBlock = 600

    private let transition: LedgerTransition
    private let price: GasPrice
    /// The state after all that waits.
    package private(set) var pending: LedgerState
    private var height: Height
    private var entries: [Entry] = []
    private var bytes = 0

    /// An empty pool on the state after `height`; `price` is the least that the pool takes.
    package init(rules: LedgerRules, price: GasPrice, state: LedgerState, height: Height) {
        transition = LedgerTransition(rules: rules)
        self.price = price
        pending = state
        self.height = height
    }

    /// Whether nothing waits.
    package var isEmpty: Bool { entries.isEmpty }
    /// How many wait.
    package var count: Int { entries.count }

    /// Whether the transaction with this hash waits.
    package func contains(_ hash: Bytes32) -> Bool {
        entries.contains { $0.read.hash == hash }
    }

    /// Puts a transaction in line.
    package mutating func add(_ entry: Entry) throws(Fault) {
        guard entries.count < Self.transactionsMax,
            bytes + entry.read.sizeBytes <= Self.bytesMax
        else { throw .full }
        let read: ReadTransaction
        do throws(LedgerFault) {
            // The checked form remembers that its signature holds; it is not verified again.
            read = try transition.check(
                entry.read, on: pending, height: height.next, price: price)
            _ = try transition.apply(read, to: &pending, height: height.next)
        } catch {
            throw .ledger(error)
        }
        entries.append(Entry(entry: entry.entry, read: read))
        bytes += entry.read.sizeBytes
    }

    /// The narrowest square from `pace` on that the first in line fits in, so that nobody who was
    /// there before waits for ever behind those that are smaller.
    package func width(from pace: Int, to widthMax: Int, appVersion: UInt64) -> Int {
        guard let first = entries.first else { return pace }
        var width = pace
        while width < widthMax {
            do throws(SquareBuildFault) {
                let builder = try SquareBuilder(sizeMaximum: width, appVersion: appVersion)
                if builder.fits(first.entry) { break }
            } catch {
                return widthMax
            }
            width *= 2
        }
        return min(width, widthMax)
    }

    /// The next block on `state`, which it has begun: what fits, plain transactions first, each in the order it came.
    ///
    /// A transaction that no longer applies or does not fit is passed over; it stays in line until
    /// `committed` checks it anew. `at` is the block's height, the next after the pool's if nil;
    /// `opening` is what its proposer says, ahead of everything else.
    ///
    /// - Throws: `noRoom` when the opening does not fit.
    package func propose(
        on state: LedgerState, opening: [[UInt8]] = [], sizeMaximum: Int, appVersion: UInt64,
        at blockHeight: Height? = nil
    ) throws(SquareBuildFault) -> Proposal {
        let blockHeight = blockHeight ?? height.next
        var builder = try SquareBuilder(sizeMaximum: sizeMaximum, appVersion: appVersion)
        for (index, bytes) in opening.enumerated() {
            guard builder.append(transaction: bytes) else { throw .noRoom(index: index) }
        }
        var next = state
        var results: [TransactionResult] = []
        var transactions: [ReadTransaction] = []
        for isBlob in [false, true] {
            var room = isBlob ? Self.blobTransactionsPerBlock : Self.plainTransactionsPerBlock
            for entry in entries where entry.entry.isBlob == isBlob && room > 0 {
                guard builder.fits(entry.entry) else { continue }
                let result: TransactionResult
                do throws(LedgerFault) {
                    result = try transition.apply(entry.read, to: &next, height: blockHeight)
                } catch {
                    continue
                }
                let isIn = try builder.append(entry.entry)
                precondition(isIn, "a transaction that fits is appended")
                results.append(result)
                transactions.append(entry.read)
                room -= 1
            }
        }
        next.settle()
        return Proposal(
            built: builder.build(), results: results, state: next, transactions: transactions)
    }

    /// A block was made: what was in it waits no more, the rest is checked on the new state.
    ///
    /// Returns what is refused now, with the reason.
    package mutating func committed(
        _ hashes: [Bytes32], state: LedgerState, height: Height
    ) -> [(hash: Bytes32, fault: LedgerFault)] {
        let gone = Set(hashes)
        let rest = entries.filter { !gone.contains($0.read.hash) }
        self.height = height
        pending = state
        entries = []
        bytes = 0
        var refused: [(hash: Bytes32, fault: LedgerFault)] = []
        for entry in rest {
            do throws(Fault) {
                try add(entry)
            } catch {
                if case .ledger(let fault) = error { refused.append((entry.read.hash, fault)) }
            }
        }
        return refused
    }
}

extension SquareEntry {
    var isBlob: Bool {
        if case .blob = self { true } else { false }
    }
}

extension SquareBuilder {
    func fits(_ entry: SquareEntry) -> Bool {
        switch entry {
        case .plain(let transaction): fits(transaction: transaction)
        case .blob(let transaction): fits(blobTransaction: transaction)
        case .payForFibre: false
        }
    }
}
