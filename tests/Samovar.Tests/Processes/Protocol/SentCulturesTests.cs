using System.Globalization;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Serialization.Plans;

namespace Samovar.Tests.Processes.Protocol;

/// <summary>What is sent of cultures, and when it is written again.</summary>
public sealed class SentCulturesTests
{
    private readonly SentCultures _sent = new(new ShippingWriter());

    [ProcessFact]
    public void The_cultures_that_workers_have_anyway_are_not_sent()
    {
        _sent.Setup.Record.ShouldBeEmpty();
        _sent.Of(CulturePair.Current).Record.ShouldBeEmpty();
        _sent.Of(null).Record.ShouldBeEmpty();
    }

    [ProcessFact]
    public void A_culture_that_has_not_changed_is_written_once()
    {
        foreach (var culture in (CultureInfo[])[CultureInfo.GetCultureInfo("de-DE"), new("fr-FR"), CultureInfo.ReadOnly(new("ja-JP"))])
        {
            var pair = new CulturePair(culture, culture);
            byte[] first = _sent.Of(pair).Record;
            first.ShouldNotBeEmpty();
            _sent.Of(pair).Record.ShouldBeSameAs(first);
        }
    }

    [ProcessFact]
    public void Asking_for_what_was_written_before_allocates_nothing()
    {
        var pair = new CulturePair(CultureInfo.GetCultureInfo("de-DE"), CultureInfo.InvariantCulture);
        _sent.Of(pair);
        _sent.Of(CulturePair.Current);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _sent.Of(pair);
        _sent.Of(CulturePair.Current);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [ProcessFact]
    public void A_change_of_any_format_of_a_writable_culture_is_seen()
    {
        var culture = new CultureInfo("de-DE");
        foreach (var (owner, property) in Cultures.NumberFormat.Select(p => ((object)culture.NumberFormat, p))
            .Concat(Cultures.DateFormat.Select(p => ((object)culture.DateTimeFormat, p))))
        {
            var before = new CultureFormats(culture);
            before.AreThoseOf(culture).ShouldBeTrue(property.Name);
            property.SetValue(owner, Other(property.GetValue(owner)!));
            before.AreThoseOf(culture).ShouldBeFalse(property.Name);
        }

        ShouldBeSeen(culture, static c => c.TextInfo.ListSeparator = "|");
        ShouldBeSeen(culture, static c => c.DateTimeFormat.Calendar.TwoDigitYearMax = 2050);
        ShouldBeSeen(culture, static c => c.NumberFormat = new NumberFormatInfo { NaNSymbol = "none" });
    }

    [ProcessFact]
    public void Formats_that_are_too_long_to_travel_with_every_task_are_refused()
    {
        var culture = new CultureInfo("de-DE");
        culture.NumberFormat.CurrencySymbol = new string('x', SentCultures.Longest);

        Should.Throw<UnshippableException>(() => _sent.Of(new CulturePair(culture, culture))).Message.ShouldContain("8,192");
    }

    [ProcessFact]
    public async Task Where_no_thread_can_be_started_the_defaults_come_from_the_thread_pool()
    {
        SentCultures.OfThread(static _ => GC.KeepAlive(new byte[int.MaxValue])).ShouldBeNull();
        await TestSupport.OnOwnThread(static () =>
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            var sent = new SentCultures(new ShippingWriter(), SentCultures.OfPool(TestTimeout.Wait));
            sent.Of(CulturePair.Current).Record.ShouldNotBeEmpty();
        });
        var afresh = new SentCultures(new ShippingWriter(), SentCultures.OfPool(TestTimeout.Wait));
        afresh.Of(CulturePair.Current).Record.ShouldBeEmpty();
    }

    [ProcessFact]
    public void Where_the_defaults_are_not_known_the_cultures_of_every_task_are_sent()
    {
        var sent = new SentCultures(new ShippingWriter(), blank: null);
        sent.Of(CulturePair.Current).Record.ShouldNotBeEmpty();
        sent.Of(null).Record.ShouldBeEmpty();
    }

    private static void ShouldBeSeen(CultureInfo culture, Action<CultureInfo> change)
    {
        var before = new CultureFormats(culture);
        change(culture);
        before.AreThoseOf(culture).ShouldBeFalse();
    }

    private static object Other(object value) => value switch
    {
        string text => text + "'",
        int number => number == 2 ? 1 : 2,
        int[] sizes => sizes.Append(2).ToArray(),
        string[] { Length: 10 } => Array.ConvertAll([.. "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669"], static (char digit) => digit.ToString()),
        string[] names => Array.ConvertAll(names, static name => name.Length == 0 ? name : name + "'"),
        Enum => Enum.ToObject(value.GetType(), Convert.ToInt32(value, CultureInfo.InvariantCulture) == 1 ? 0 : 1),
        _ => throw new InvalidOperationException($"A format of type {value.GetType()} is new to this test."),
    };
}
