using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Samovar.Tests.Testing;

/// <summary>A factory of meters that records what its own meters measure, and nothing of any other.</summary>
internal sealed class MeterRecorder : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly ConcurrentBag<Meter> _meters = [];

    public MeterRecorder(bool listens = true)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter.Scope, this)) return;
            Published.Enqueue(instrument);
            if (ListensTo(instrument.Name)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        if (listens) _listener.Start();
    }

    /// <summary>The instruments that exist, once the recorder listens.</summary>
    public ConcurrentQueue<Instrument> Published { get; } = new();

    public int Meters => _meters.Count;

    public Func<string, bool> ListensTo { get; init; } = static _ => true;

    /// <summary>Called for each measurement, before it is recorded.</summary>
    public Action<string>? Measuring { get; set; }

    public void Listen() => _listener.Start();

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    /// <summary>What an instrument has measured so far.</summary>
    public List<Measured> Of(string instrument) => [.. _measured.Where(measured => measured.Instrument == instrument)];

    /// <summary>What an observable instrument measures now.</summary>
    public List<Measured> Observe(string instrument)
    {
        int before = Of(instrument).Count;
        _listener.RecordObservableInstruments();
        return Of(instrument)[before..];
    }

    /// <summary>What an observable instrument measures now, by the value of an attribute.</summary>
    public Dictionary<string, double> Observe(string instrument, string key) =>
        Observe(instrument).ToDictionary(measured => measured[key]!, static measured => measured.Value, StringComparer.Ordinal);

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters) meter.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Measuring?.Invoke(instrument.Name);
        var attributes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, tag) in tags) attributes.Add(key, tag?.ToString());
        _measured.Enqueue(new Measured(instrument.Name, value, attributes));
    }

    /// <summary>One measurement.</summary>
    internal sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, string?> Attributes)
    {
        public string? this[string key] => Attributes.GetValueOrDefault(key);
    }
}
