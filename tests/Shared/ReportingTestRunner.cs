using Xunit.Sdk;
using Xunit.v3;

namespace Samovar.Tests.Testing;

/// <summary>Runs each test as xunit does, and adds to the failure of a test that reached its limit what the test waited for.</summary>
internal sealed class ReportingTestRunner : XunitTestRunner
{
    /// <summary>Puts it in the place of xunit's.</summary>
    public static void Install() => Instance = new ReportingTestRunner();

    protected override object? InvokeTestMethod(XunitTestRunnerContext ctxt, object? testClassInstance)
    {
        object? result = base.InvokeTestMethod(ctxt, testClassInstance);
        if (result is Task body) TestWaits.Started(ctxt.Test.UniqueID, body);
        return result;
    }

    protected override async ValueTask<TimeSpan> RunTest(XunitTestRunnerContext ctxt)
    {
        var taken = await base.RunTest(ctxt);
        string test = ctxt.Test.UniqueID;
        if (ctxt.Aggregator.ToException() is TestTimeoutException && TestWaits.Describe(test) is { Length: > 0 } waits)
        {
            ctxt.Aggregator.Add(new TimeoutException($"The test waited for: {waits}"));
        }

        TestWaits.Ended(test);
        return taken;
    }
}
