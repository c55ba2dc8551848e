// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Foundation

/// The most memory that a process holds while it extends and commits.
enum MemoryFamily {
    static func peak(_ yardsticks: Yardsticks) -> [Measurement] {
        let width = 256
        let size = 4 * width * width * Share.sizeBytes
        resetPeak()
        do {
            let square = try ExtendedDataSquare(originalWidth: width) {
                MeasuredSquare.row($0, width: width)
            }
            _ = square.commit()
        } catch {
            preconditionFailure("namespaces rise: \(error)")
        }
        return [
            Measurement(
                name: "memory.commit-peak/k=\(width)", value: Double(peakBytes), unit: "bytes",
                floor: Double(size))
        ]
    }

    /// The kernel forgets the highest resident size so far.
    private static func resetPeak() {
        if let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") {
            file.write(Data("5".utf8))
            file.closeFile()
        }
    }

    private static var peakBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return (Int(line.filter(\.isNumber)) ?? 0) * 1024
        }
        return 0
    }
}
