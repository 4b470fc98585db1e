namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>A filter for the list of tasks. All conditions that are given must hold; text is compared without case.</summary>
internal sealed class TaskFilter(RequestArguments arguments)
{
    private readonly string? _state = arguments.Text("state");
    private readonly string? _function = arguments.Text("function");
    private readonly long? _worker = arguments.Number("worker");
    private readonly string? _text = arguments.Text("text");
    private readonly TimeSpan? _longer = arguments.Fraction("longer") is { } milliseconds and >= 0 and < 1e12 ? TimeSpan.FromMilliseconds(milliseconds) : null;

    public bool Matches(in ListedTask task)
    {
        var attempt = task.Attempt;
        if (_state is not null && task.State != _state) return false;
        if (_worker is { } worker && attempt.Worker != worker) return false;
        if (_longer is { } longer && attempt.Ran <= longer) return false;
        if (_function is not null && attempt.Function != _function) return false;
        return _text is null || Has(attempt.Function) || Has(attempt.Name) || Has(attempt.Error?.Message) || Has(attempt.Error?.Type) || Has(attempt.WorkerName);
    }

    private bool Has(string? value) => value is not null && value.Contains(_text!, StringComparison.OrdinalIgnoreCase);
}
