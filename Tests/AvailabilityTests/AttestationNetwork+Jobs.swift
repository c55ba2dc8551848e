// SPDX-License-Identifier: Apache-2.0

import Availability
import Chain
import Cryptography
import DataSquare

/// The work that members' hosts do for them, and what liars make of a message.
extension AttestationNetwork {
    /// The lines that hold, up to the first that does not.
    func verified(_ lines: [HalfLine], _ roots: DataAvailabilityHeader) -> [VerifiedHalfLine] {
        var good: [VerifiedHalfLine] = []
        for line in lines {
            if let honest = known[line.line] {
                if honest.half == line { good.append(honest) }
                continue
            }
            do throws(VerificationFault) {
                good.append(try line.verify(against: roots))
            } catch {
                continue
            }
        }
        return good
    }

    /// The data rows of the square that k rows make, if it extends to the roots.
    func rebuilt(
        _ rows: [VerifiedHalfLine], _ roots: DataAvailabilityHeader
    ) -> [VerifiedHalfLine]? {
        guard known.isEmpty else {
            return (0..<roots.originalWidth).compactMap { known[AxisLine(.row, $0)] }
        }
        return Self.square(of: rows, roots).map {
            Array(VerifiedHalfLine.rows(of: $0).prefix(roots.originalWidth))
        }
    }

    /// The square that rows make, if it is the one of the roots.
    static func square(
        of rows: [VerifiedHalfLine], _ roots: DataAvailabilityHeader
    ) -> ExtendedDataSquare? {
        let width = roots.width
        var bytes = [UInt8](repeating: 0, count: width * width * Share.sizeBytes)
        var isKnown = [Bool](repeating: false, count: width * width)
        for row in rows where row.line.axis == .row {
            let start = row.index * width
            bytes.replaceSubrange(
                start * Share.sizeBytes..<start * Share.sizeBytes + row.bytes.count,
                with: row.bytes)
            for column in 0..<width / 2 { isKnown[start + column] = true }
        }
        do throws(RepairFault) {
            let square = try ExtendedDataSquare.repair(
                width: width, bytes: bytes, isKnown: isKnown, header: roots)
            return CommittedSquare(square).header == roots ? square : nil
        } catch {
            return nil
        }
    }

    static func verified(_ cells: [HeldCell], _ roots: DataAvailabilityHeader) -> [HeldCell] {
        cells.filter { cell in
            do throws(VerificationFault) {
                _ = try cell.sample.verify(at: cell.place, against: roots)
                return true
            } catch {
                return false
            }
        }
    }

    static func cells(
        _ openings: [LineOpening], _ roots: DataAvailabilityHeader
    ) -> [HeldCell] {
        openings.flatMap { opening -> [HeldCell] in
            do throws(VerificationFault) {
                return try opening.cells(against: roots)
            } catch {
                preconditionFailure("a verified line has its cells: \(error)")
            }
        }
    }

    /// What vouches for a member's part; nil where it is of no square.
    func check(_ evidence: CustodyEvidence, of member: Int) -> CheckedCustody? {
        do throws(CustodyFault) {
            return try CheckedCustody(
                of: header, roots: evidence.roots, committee: committee,
                member: committee.validators[member].address, rule: rule, replicas: replicas,
                lines: evidence.lines, cells: evidence.cells, entropy: evidence.entropy)
        } catch {
            precondition(error.isVerdict, "a member prepares its custody whole: \(error)")
            return nil
        }
    }

    static func falsified(_ message: RowMessage) -> RowMessage {
        switch message {
        case .push(let block, let lines):
            return .push(
                block: block,
                lines.map { line in
                    var bytes = line.bytes
                    bytes[bytes.count - 1] ^= 1
                    return HalfLine(line.line, bytes: bytes)
                })
        case .cells(let block, let cells):
            return .cells(
                block: block,
                cells.map { cell in
                    HeldCell(
                        place: cell.place,
                        sample: UnverifiedSample(
                            share: cell.sample.share, proof: cell.sample.proof,
                            axis: cell.sample.axis.orthogonal))
                })
        case .question, .cellQuestion: return message
        }
    }
}
