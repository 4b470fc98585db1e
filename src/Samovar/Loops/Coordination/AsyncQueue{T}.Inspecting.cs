using Samovar.Diagnostics.Inspection;

namespace Samovar;

public sealed partial class AsyncQueue<T> : IInspectedPrimitive
{
    PrimitiveActivity IInspectedPrimitive.CapturePrimitive()
    {
        lock (_gate)
        {
            return new PrimitiveActivity("queue", Name, _isCompleted ? "completed" : "open")
            {
                Count = _items.Count,
                Capacity = Capacity,
                Waiting = _takers.Count,
                Putting = _putters.Count,
            };
        }
    }
}
