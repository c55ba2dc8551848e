// SPDX-License-Identifier: Apache-2.0

internal import Conformance
internal import Glibc

/// Runs Ethereum's public tests and counts them, or times single ones.
///
/// `quadrat-conformance [--filter TEXT] [--failures N] DIR…` ends with 1 when a case failed;
/// `quadrat-conformance --time SECONDS FILE…` runs each file's first case again and again.
@main struct Main {
    static func main() {
        var arguments = CommandLine.arguments.dropFirst()
        var filter: String?
        var seconds: Double?
        var limit = 20
        var paths: [String] = []
        while let argument = arguments.popFirst() {
            switch argument {
            case "--filter": filter = arguments.popFirst()
            case "--failures": limit = arguments.popFirst().flatMap { Int($0) } ?? limit
            case "--time": seconds = arguments.popFirst().flatMap { Double($0) } ?? 1
            default: paths.append(argument)
            }
        }
        guard !paths.isEmpty else {
            print("usage: quadrat-conformance [--filter TEXT] [--failures N] DIR…")
            print("       quadrat-conformance --time SECONDS FILE…")
            exit(2)
        }
        if let seconds {
            for path in paths { time(path, seconds) }
        } else {
            count(paths, filter, limit)
        }
    }

    private static func count(_ paths: [String], _ filter: String?, _ limit: Int) {
        var run = ConformanceRun(filter: filter, failureLimit: limit)
        for path in paths { run.run(path) }
        for failure in run.tally.failures {
            print("failed: \(failure.family): \(failure.name): \(failure.reason)")
        }
        for (family, counts) in run.tally.families.sorted(by: { $0.key < $1.key }) {
            print("\(family): \(counts.passed) passed, \(counts.failed) failed")
        }
        let total = run.tally.total
        print("all: \(total.passed) passed, \(total.failed) failed")
        exit(total.failed == 0 && total.passed > 0 ? 0 : 1)
    }

    /// Prints the shortest processor time of one execution, in microseconds, and the gas.
    private static func time(_ path: String, _ seconds: Double) {
        do {
            let execution = try TimedExecution(path: path)
            let start = processorTime()
            var best = Double.infinity
            var gas: UInt64 = 0
            repeat {
                let before = processorTime()
                gas = try execution.execute()
                best = min(best, processorTime() - before)
            } while processorTime() - start < seconds
            let isRight = gas == execution.expectedGas || execution.expectedGas == 0
            let microseconds = Int(best * 1e6)
            print("\(path): \(microseconds) us, \(gas) gas\(isRight ? "" : ", which is wrong")")
        } catch {
            print("\(path): \(error)")
        }
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
