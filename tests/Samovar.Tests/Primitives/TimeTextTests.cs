using System.Globalization;
using Samovar.Primitives;

namespace Samovar.Tests.Primitives;

/// <summary>Times as errors write them.</summary>
public sealed class TimeTextTests
{
    [ThreadTheory]
    [InlineData(0, "0 s")]
    [InlineData(0.25, "250 µs")]
    [InlineData(500, "500 ms")]
    [InlineData(1_200, "1.2 s")]
    [InlineData(90_000, "90 s")]
    [InlineData(300_000, "5 min")]
    [InlineData(36 * 3_600_000.0, "36 h")]
    [InlineData(90 * 86_400_000.0, "90 days")]
    [InlineData(-1, "unlimited time")]
    public void A_time_is_written_in_one_unit_whatever_the_culture(double milliseconds, string text)
    {
        var own = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            TimeoutArguments.Text(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(text);
        }
        finally
        {
            CultureInfo.CurrentCulture = own;
        }
    }
}
