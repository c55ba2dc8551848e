// SPDX-License-Identifier: Apache-2.0

/// Cases that passed and failed, family by family.
package struct Tally: Sendable {
    /// One family's counts.
    package struct Counts: Sendable {
        package var passed = 0
        package var failed = 0
    }

    /// Why a case failed.
    package struct Failure: Sendable {
        package let family: String
        package let name: String
        package let reason: String
    }

    /// By the name of the family.
    package private(set) var families: [String: Counts] = [:]
    /// The first that failed, up to a limit.
    package private(set) var failures: [Failure] = []
    private let limit: Int

    /// Nothing counted; keeps reasons of up to `limit` failures.
    package init(limit: Int) { self.limit = limit }

    /// Counts a case; a reason makes it a failure.
    package mutating func count(_ family: String, _ name: String, failure: String?) {
        guard let failure else {
            families[family, default: Counts()].passed += 1
            return
        }
        families[family, default: Counts()].failed += 1
        if failures.count < limit {
            failures.append(Failure(family: family, name: name, reason: failure))
        }
    }

    /// All families together.
    package var total: Counts {
        families.values.reduce(into: Counts()) {
            $0.passed += $1.passed
            $0.failed += $1.failed
        }
    }
}
