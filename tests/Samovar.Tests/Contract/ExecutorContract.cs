namespace Samovar.Tests.Contract;

/// <summary>Every promise of an executor that holds whatever runs the work. A subclass builds one kind of executor and says with
/// <see cref="CanAttribute"/> what it can do.</summary>
/// <remarks>
/// Work in these tests could travel: static lambdas, or such that capture simple values and gates. Where work sees the test's
/// own objects, the promise needs <see cref="Capabilities.SharesMemory"/>.
/// </remarks>
public abstract class ExecutorContract : ExitHooksContract;
