using Samovar.Tests.Architecture.Fixtures.Upper;

namespace Samovar.Tests.Architecture.Fixtures.Lower;

public class LowerClass;

/// <summary>Each nested type uses a higher folder in one way that the layer test must notice.</summary>
public static class UsesInEveryWay
{
    public class ByBase : UpperClass;

    public class ByInterface : IUpper;

    public class ByConstraint<T> where T : UpperClass;

    [Upper]
    public class ByAttribute;

    public class ByAttributeArgument
    {
        [System.ComponentModel.TypeConverter(typeof(UpperClass))]
        public int Value { get; set; }
    }

    public class ByField
    {
        private readonly List<UpperEnum[]> _values = [];

        public int Count => _values.Count;
    }

    public class ByParameter
    {
        public void Method(ref UpperEnum value) => GC.KeepAlive(value);
    }

    public class ByCall
    {
        public void Method() => UpperClass.Call();
    }

    public class ByFieldAccess
    {
        public int Method() => UpperClass.Field;
    }

    public class ByTypeOf
    {
        public Type Method() => typeof(UpperEnum);
    }

    public class ByGenericArgument
    {
        public Array Method() => Array.Empty<UpperEnum>();
    }

    public class ByCatch
    {
        public void Method(Action action)
        {
            try
            {
                action();
            }
            catch (UpperException error)
            {
                GC.KeepAlive(error);
            }
        }
    }

    public class ByLambda
    {
        public Func<object> Method(int captured) => () => captured + new UpperClass().GetHashCode();
    }

    public class ByAsync
    {
        public async Task<object> Method()
        {
            await Task.Yield();
            return new UpperClass();
        }
    }
}
